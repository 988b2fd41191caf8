import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compareFacts } from '../../../src/diff/facts/compare-facts.js';
import { sameExcept } from '../../../src/diff/explain/same-except.js';
import { fact, facts, row, sha256, table } from '../../helpers/fact-builders.js';

function signed(time: string, code: string) {
  return {
    digest: sha256(time + code),
    facts: facts('pe', {
      facts: [fact('code', 'opaque', code)],
      tables: [table('signature', { signingTime: 'time' }, [row('pkcs7', [time])])],
    }),
  };
}

async function except(before: ReturnType<typeof signed>, after: ReturnType<typeof signed>) {
  const lookup = () => Promise.resolve(null);
  const { changes } = await compareFacts(before, after, { before: lookup, after: lookup });
  return sameExcept(changes);
}

test('a file whose signature has another time is the same except for the signature', async () => {
  assert.equal(await except(signed('1', 'a'), signed('2', 'a')), 'signature');
  assert.equal(await except(signed('1', 'a'), signed('2', 'b')), null);
});
