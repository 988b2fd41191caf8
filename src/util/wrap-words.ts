/** Lines of at most `width` characters, broken at blanks; a longer word has a line of its own. Never empty. */
export function wrapWords(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/ +/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}

/** The same with each line behind the first indented by `indent` blanks; `first` stands before the first line. */
export function wrapIndented(first: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(first.length);
  return wrapWords(text, width - first.length).map(
    (line, i) => `${i === 0 ? first : indent}${line}`,
  );
}
