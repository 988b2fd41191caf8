/** The self-signed certificate of Debian's ssl-cert: a random key, dates, and a link named after the subject's hash. */

import { baseName } from '../../core/path.js';
import { defineRule } from '../define.js';

const NAME = 'ssl-cert-snakeoil';

export const snakeoil = defineRule({
  id: 'snakeoil',
  version: 1,
  summary: 'Removes the key and certificate of ssl-cert, and the hash link to the certificate.',
  varies: 'random key and dates of a self-signed certificate',
  rationale:
    'Off: services that are set up with it do not start until `make-ssl-cert generate-default-snakeoil` has run.',
  source: 'live-build; iana-org/coen; make-ssl-cert(8)',
  defaultOn: false,
  strict: true,
  timeValued: false,
  wants: [`etc/ssl/private/${NAME}.key`, `etc/ssl/certs/${NAME}.pem`, 'etc/ssl/certs/*.[0-9]*'],
  *plan({ path, type }, { files }) {
    const isPair = type === 'file' && baseName(path).startsWith(NAME);
    const target = type === 'symlink' ? files.readLink(path) : null;
    if (!isPair && target !== `${NAME}.pem` && target !== `/etc/ssl/certs/${NAME}.pem`) return;
    yield { kind: 'remove', rule: 'snakeoil', path, reason: 'random key and dates' };
  },
});
