/**
 * Passwords and tokens in texts, by the name in front of them (`password=`, `"auth":`, `DB_PASSWD: `) or by their own form. Errs on
 * the side of secrecy; what neither a name nor a form marks is not known here.
 */

/** Whether the value under this name (of a key, a column, a variable) is a secret. `Keywords` is none, `Api-Key` is one. */
export function isSecretName(name: string): boolean {
  const words = wordsOf(name);
  const last = words.at(-1);
  if (last === undefined || ABOUT.has(last)) return false;
  return words.some((word, i) => SECRET_WORD.test(word) || (isKey(word) && endsInKey(words, i)));
}

/** Where in a text the first secret begins, as far as a name or its form tells; -1: nowhere. Latin1 bytes, of any length. */
export function secretAt(text: string): number {
  const form = text.search(SECRET_FORM);
  HINT.lastIndex = 0;
  for (let hint = HINT.exec(text); hint !== null; hint = HINT.exec(text)) {
    if (form >= 0 && hint.index >= form) break;
    const at = valueAt(text, hint.index);
    if (at >= 0) return form >= 0 ? Math.min(at, form) : at;
  }
  return form;
}

/** What the names of secrets have in them; a search for these is all that most texts cost. */
const HINT = /pass|pw|secret|token|psk|cred|auth|key/gi;
const NAME_CHARACTER = /[\w.-]/;
const LONGEST_NAME = 64;
/** From somewhere in a name: its rest, what stands between it and the value, and the value. Also `<password>` and `["password"] =`. */
const REST = /([\w.-]{0,64})["'\]]{0,2}[ \t]*(?:=>|:=|[:=>])[ \t]*["']?([^\s"'<>,;]{3,256})/y;
/** Directives of daemons that have a space there. */
const DIRECTIVE = /(?:bindpw|rootpw|requirepass|masterauth)[ \t]+(\S)/iy;
/** Names of values, variables that a template fills in, words of options: no secrets. */
const NO_SECRET_VALUE =
  /^(?:\$[\w({]|%[\w({]|[<{[(]|@\w+@|[*.x]+$|(?:true|false|yes|no|on|off|null|none|nil|never|always|required|optional|files|compat|default)$)/i;

/** The value behind the name in which `hint` lies; -1 where there is none, or it is no secret. */
function valueAt(text: string, hint: number): number {
  let start = hint;
  while (start > 0 && hint - start < LONGEST_NAME && NAME_CHARACTER.test(text[start - 1]!)) start--;
  DIRECTIVE.lastIndex = start;
  if (DIRECTIVE.test(text)) return DIRECTIVE.lastIndex - 1;
  REST.lastIndex = hint;
  const [, rest, value] = REST.exec(text) ?? [];
  if (rest === undefined || value === undefined || NO_SECRET_VALUE.test(value)) return -1;
  return isSecretName(text.slice(start, hint) + rest) ? REST.lastIndex - value.length : -1;
}

const SECRET_WORD =
  /(?:password|passwd|passphrase|passcode|secret|credential|token|psk)s?$|^(?:pass|pwd|pw|auth)$|^(?:root|bind|admin|user|db)pw$|^(?:api|private|priv|secret|access|auth|encryption|signing|master|wep|wpa)keys?$/;
/** Last words of names that say something about a secret. */
const ABOUT = new Set(
  'file files path dir directory url uri endpoint name type length len size min max days age policy prompt required authentication enabled disabled timeout count expiry expires expiration format provider command cmd method algorithm bytes'.split(
    ' ',
  ),
);
/** Words in front of `key` that make it something else. */
const OTHER_KEYS = new Set('public pub primary foreign sort hot keyboard shortcut'.split(' '));

function isKey(word: string): boolean {
  return word === 'key' || word === 'keys';
}

/** `private key`, `wep key 0`, `key`; not `key map`. */
function endsInKey(words: readonly string[], at: number): boolean {
  return at === words.length - 1 && !words.some((word) => OTHER_KEYS.has(word));
}

/** In lower case, split where case or punctuation does, without numbers at their end. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$3 $2')
    .toLowerCase()
    .split(/[^a-z\d\x80-\xff]+/)
    .map((word) => word.replace(/\d+$/, ''))
    .filter((word) => word !== '');
}

/** `scheme://user:password@host`; tokens of GitHub, GitLab, npm, Slack, AWS, PyPI; JWT (RFC 7519); GRUB's PBKDF2; `{SSHA}` of RFC 2307. */
const SECRET_FORM =
  /:\/\/[^\s/:@"']{0,64}:(?![$%{<*])[^\s/@"']{1,256}@|\bgh[pousr]_[A-Za-z\d]{20}|\bgithub_pat_\w{20}|\bglpat-[\w-]{16}|\bnpm_[A-Za-z\d]{30}|\bxox[abprs]-[\w-]{10}|\bAKIA[\dA-Z]{16}\b|\bpypi-[\w-]{40}|\beyJ[\w-]{10,}\.eyJ[\w-]{10}|grub\.pbkdf2\.sha512\.|\{S?SHA(?:256|512)?\}[A-Za-z\d+/]{20}/;
