/** Secrets of every kind that builds leave behind, each recognisable, in files and in what files hold. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import Database from 'better-sqlite3';

import { cpioArchive } from '../formats/build-cpio.js';
import { buildJks } from '../formats/build-jks.js';
import { GNU, tarMember } from '../formats/build-tar.js';
import { buildZip } from '../formats/build-zip.js';

export interface Planted {
  readonly files: ReadonlyMap<string, Buffer>;
  /** Each secret by a name, as it lies in a file. */
  readonly secrets: ReadonlyMap<string, Buffer>;
  /** Lines and values of which no plain digest may be anywhere: secrets that are no whole file, and lines that hold one. */
  readonly values: readonly Buffer[];
}

/** Two calls of one `seed` plant the same. `folder` is for databases on their way. */
export function plantSecrets(seed: string, folder: string): Planted {
  const planter = new Planter(seed);
  const { file, line, word, raw } = planter;
  const hash = (name: string): string => `$6$${word(name).slice(0, 12)}$${longWord(seed, name)}`;
  const pem = (name: string): string =>
    `-----BEGIN PRIVATE KEY-----\n${planter.text(name, longWord(seed, name))}\n-----END PRIVATE KEY-----\n`;

  file('etc/shadow', line(`root:${planter.text('shadow', hash('shadow'))}:20000:0:99999:7:::`));
  file('etc/gshadow', line(`adm:${planter.text('gshadow', hash('gshadow'))}::root`));
  file(
    'opt/users',
    `${'# a comment\n'.repeat(500)}${line(`joe:${planter.text('users', hash('users'))}:1::::::`)}`,
  );
  file('etc/ssh/ssh_host_ed25519_key', pem('host key').replace('PRIVATE', 'OPENSSH PRIVATE'));
  file('opt/server.conf', `${'option = value\n'.repeat(600)}${pem('late pem')}`);
  file(
    'opt/java.keystore',
    buildJks([{ alias: 'k', createdMs: 1n, certificate: Buffer.from('c'), key: raw('jks', 700) }]),
  );
  file('etc/NetworkManager/system-connections/home.nmconnection', line(`psk=${word('nm')}`));
  file('opt/wifi.conf', `network={\n${line(`\tpsk="${word('wifi')}"`)}\tssid="x"\n}\n`);
  file('etc/wpa_supplicant/wpa_supplicant.conf', line(`psk="${word('wpa')}"`));
  file('var/lib/systemd/random-seed', raw('random-seed', 512));
  file('var/lib/systemd/credential.secret', raw('credential', 4096));
  file('etc/machine-id', `${raw('machine-id', 16).toString('hex')}\n`);
  file('crypto_keyfile.bin', raw('luks', 2048));
  file('opt/unnamed', raw('unnamed key', 64));
  file('opt/unnamed-word', `${raw('unnamed word', 32).toString('base64')}\n`);

  file('opt/a.ini', `[db]\nhost = db.example\n${line(`password = ${word('ini')}`)}`);
  file(
    'opt/a.json',
    JSON.stringify({
      db: { password: word('json'), url: `db://u:${word('json url')}@host/x` },
      keywords: ['plain'],
    }),
  );
  file('opt/a.yaml', `db:\n${line(`  dbPassword: ${word('yaml')}`)}  name: x\n`);
  file(
    'opt/a.env',
    `A=1\n${line(`export API_KEY='${word('env')}'`)}${line(`DB_PASSWD=${word('env 2')}`)}`,
  );
  file('opt/a.xml', line(`<password>${word('xml')}</password>`));
  file('opt/a.service', `[Service]\n${line(`Environment=DB_PASSWORD=${word('unit')}`)}`);
  file('root/.netrc', line(`machine a.example login me password ${word('netrc')}`));
  file(
    'root/.docker/config.json',
    JSON.stringify({ auths: { 'https://r.example': { auth: word('docker') } } }),
  );
  file(
    'root/.npmrc',
    line(
      `//registry.example/:_authToken=npm_${planter.text('npm', longWord(seed, 'npm').slice(0, 36))}`,
    ),
  );
  file(
    'root/.config/pip/pip.conf',
    `[global]\n${line(`index-url = https://me:${word('pip')}@pypi.example/simple`)}`,
  );
  file('root/.git-credentials', line(`https://me:${word('git')}@git.example`));
  file(
    'var/log/install.log',
    `started\n${line(`login with token: ghp_${planter.text('github', longWord(seed, 'gh').slice(0, 36))}`)}done\n`,
  );

  const env = (name: string): string => line(`SECRET_TOKEN=${word(name)}`);
  const late = (name: string): string => `${'A=1 # nothing\n'.repeat(400)}${env(name)}`;
  const tar = (name: string): Buffer =>
    Buffer.concat([
      tarMember({
        name: 'etc/shadow',
        magic: GNU,
        data: line(`a:${planter.text(`${name} shadow`, hash(`${name} shadow`))}:1::::::`),
      }),
      tarMember({ name: 'app.env', magic: GNU, data: env(`${name} env`) }),
      tarMember({ name: 'key.bin', magic: GNU, data: raw(`${name} key`, 48) }),
      Buffer.alloc(1024),
    ]);
  const zip = (name: string): Buffer =>
    buildZip([
      { name: 'stored.env', method: 0, content: env(`${name} stored`) },
      { name: 'stored-late.env', method: 0, content: late(`${name} stored late`) },
      { name: 'deflated.env', content: env(`${name} deflated`) },
      { name: 'late.env', content: late(`${name} late`) },
      { name: 'late.conf', content: `${'option = value\n'.repeat(600)}${pem(`${name} pem`)}` },
      { name: 'k', content: raw(`${name} key`, 32) },
    ]);
  const cpio = (name: string): Buffer =>
    cpioArchive('crc', [
      {
        name: 'etc/shadow',
        data: line(`b:${planter.text(`${name} shadow`, hash(`${name} shadow`))}:1::::::`),
      },
      { name: 'opt/app.env', data: env(`${name} env`), check: 77 },
      { name: 'etc/dropbear/key', data: pem(`${name} pem`) },
    ]);
  file('srv/a.tar', tar('tar'));
  file('srv/a.tar.gz', gzipSync(tar('tar.gz')));
  file('srv/a.zip', zip('zip'));
  file('boot/initrd.img', gzipSync(cpio('initrd')));
  file('srv/a.cpio', cpio('cpio'));
  file('srv/app.env.gz', gzipSync(env('gz')));
  file('srv/app.env.gz.gz', gzipSync(gzipSync(late('gz gz'))));
  file(
    'srv/zip.tar.gz',
    gzipSync(
      Buffer.concat([
        tarMember({ name: 'in.zip', magic: GNU, data: zip('zip in tar') }),
        Buffer.alloc(1024),
      ]),
    ),
  );
  plantDatabase(planter, folder, seed);
  return planter.planted();
}

class Planter {
  readonly #seed: string;
  readonly #files = new Map<string, Buffer>();
  readonly #secrets = new Map<string, Buffer>();
  readonly #values: Buffer[] = [];

  constructor(seed: string) {
    this.#seed = seed;
  }

  readonly file = (path: string, content: string | Uint8Array): void => {
    this.#files.set(path, Buffer.from(content as string, 'latin1'));
  };

  /** A line that holds a secret, with its end. */
  readonly line = (text: string): string => {
    this.#values.push(Buffer.from(text), Buffer.from(`${text}\n`));
    return `${text}\n`;
  };

  readonly word = (name: string): string =>
    this.text(
      name,
      `Zq${createHash('md5').update(`${this.#seed} ${name}`).digest('hex').slice(0, 14)}`,
    );

  readonly text = (name: string, value: string): string => {
    this.#secrets.set(name, Buffer.from(value));
    this.#values.push(Buffer.from(value));
    return value;
  };

  readonly raw = (name: string, size: number): Buffer => {
    const bytes = chance(`${this.#seed} ${name}`, size);
    this.#secrets.set(name, bytes);
    this.#values.push(bytes);
    return bytes;
  };

  planted(): Planted {
    // The manifest is made of the digests of whole files.
    const whole = [...this.#files.values()];
    const values = this.#values.filter((value) => !whole.some((file) => file.equals(value)));
    return { files: this.#files, secrets: this.#secrets, values };
  }
}

/** Passwords by column, by the name beside them, and in a log that was not written back. */
function plantDatabase({ word, file }: Planter, folder: string, seed: string): void {
  const path = join(folder, `${seed}.db`);
  const database = new Database(path);
  database.exec('CREATE TABLE users (name TEXT PRIMARY KEY, password TEXT)');
  database.exec('CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT)');
  database.exec('CREATE TABLE sessions (token TEXT PRIMARY KEY, seen INTEGER)');
  database.prepare('INSERT INTO users VALUES (?, ?)').run('me', word('sqlite column'));
  database.prepare('INSERT INTO users VALUES (?, ?)').run('you', word('sqlite long').repeat(30));
  database.prepare('INSERT INTO settings VALUES (?, ?)').run('smtp.password', word('sqlite row'));
  database.prepare('INSERT INTO sessions VALUES (?, ?)').run(word('sqlite key'), 5);
  database.close();
  file('var/lib/app.db', readFileSync(path));
  const logged = new Database(path);
  logged.pragma('journal_mode = WAL');
  logged.prepare('INSERT INTO users VALUES (?, ?)').run('they', word('sqlite wal'));
  file('var/lib/app.db-wal', readFileSync(`${path}-wal`));
  logged.close();
}

function longWord(seed: string, name: string): string {
  return createHash('sha512').update(`${seed} ${name}`).digest('hex').slice(0, 86);
}

function chance(seed: string, size: number): Buffer {
  return createHash('shake256', { outputLength: size }).update(seed).digest();
}
