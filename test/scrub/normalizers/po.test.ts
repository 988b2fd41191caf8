import { poHeaderLines } from '../../../src/formats/po.js';
import { po } from '../../../src/scrub/normalizers/po.js';
import { proveNormalizer, type Sample } from './harness.js';

const EPOCH = 1_600_000_000;
const LATE = '2024-05-06 07:08+0200';
const EARLY = '2010-05-06 07:08-0330';

const catalogue = (pot: string, revision: string): string =>
  [
    '# Caf\xe9, "POT-Creation-Date: 2024-05-06 07:08+0200\\n"',
    '#, fuzzy',
    'msgid ""',
    'msgstr ""',
    '"Project-Id-Version: p 1\\n"',
    `"POT-Creation-Date: ${pot}\\n"`,
    `"PO-Revision-Date: ${revision}\\n"`,
    '"Last-Translator: T <t@example.org>\\n"',
    '"Language: de\\n"',
    '"MIME-Version: 1.0\\n"',
    '"Content-Type: text/plain; charset=ISO-8859-1\\n"',
    '"Content-Transfer-Encoding: 8bit\\n"',
    '',
    '#: a.c:1',
    'msgid "a\\n"',
    'msgstr ""',
    `"POT-Creation-Date: ${LATE}\\n"`,
    '',
  ].join('\n');

const sample = (title: string, text: string): Sample => ({
  title,
  name: 'de.po',
  bytes: new Uint8Array(Buffer.from(text, 'latin1')),
  sourceDateEpoch: EPOCH,
});
const late = catalogue(LATE, LATE);

proveNormalizer({
  normalizer: po,
  samples: [
    sample('two late dates', late),
    sample('one late date', catalogue(LATE, EARLY)),
    sample(
      'a template',
      catalogue(LATE, 'YEAR-MO-DA HO:MI+ZONE')
        .replace('charset=ISO-8859-1', 'charset=UTF-8')
        .replace('\xe9', 'e'),
    ),
    sample('line ends of Windows', late.replaceAll('\n', '\r\n')),
    sample('all on one line', late.replace(/"\n"/g, '')),
    sample('blanks', late.replaceAll('"\n', '" \n').replace('msgid ""', '\tmsgid\t""')),
    sample('the header at the very end', late.slice(0, late.indexOf('\n#: a.c'))),
  ],
  normal: [
    sample('early dates', catalogue(EARLY, EARLY)),
    sample('no header', late.slice(late.indexOf('#: a.c'))),
    sample('an obsolete header', late.replace('msgid ""', '#~ msgid ""')),
    sample('a date in the middle of a line', late.replaceAll('"PO', '"x" "PO')),
    sample(
      'a date behind what ends no line',
      late.replaceAll(' 1\\n"', ' 1"').replaceAll('2024', '2001').replace('2001', '2024'),
    ),
    sample('a header that does not end', 'msgid ""\nmsgstr "'),
    sample('another text', 'hello\n'),
    { ...sample('no epoch', late), sourceDateEpoch: null },
  ],
  content: (bytes) => {
    const text = Buffer.from(bytes).toString('latin1');
    const lines = poHeaderLines(text);
    if (lines === null) return text;
    const last = lines.at(-1)!;
    const [head, tail] = [text.slice(0, last.at), text.slice(last.at + last.text.length)];
    const masked = (part: string): string => part.replace(/-Date: [-\d: +]*/g, '');
    return (
      masked(head.slice(lines[0]!.at)) + masked(last.text) + head.slice(0, lines[0]!.at) + tail
    );
  },
  outside: [
    {
      command: ['msgfmt', '-c', '-o', '/dev/null'],
      reads: ({ name, title }) =>
        name.endsWith('.po') && !title.startsWith('a template') && !title.startsWith('line ends'),
    },
  ],
});
