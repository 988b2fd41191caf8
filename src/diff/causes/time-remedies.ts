/** What is done about times, by format and path. */

import type { CauseRemedy } from './define.js';

const EPOCH = 'https://reproducible-builds.org/specs/source-date-epoch/';

export const timeRemedies: readonly CauseRemedy[] = [
  {
    formats: ['gzip'],
    text: 'Compress with `gzip -n`, which writes neither name nor time.',
    rule: 'normalize-gzip',
    source: 'gzip(1)',
  },
  {
    formats: ['initramfs', 'cpio'],
    paths: /initr(d|amfs)/,
    text: 'Make the initramfs with `dracut --reproducible` and SOURCE_DATE_EPOCH set; mkinitramfs clamps the times by SOURCE_DATE_EPOCH.',
    rule: null,
    source: 'https://github.com/dracut-ng/dracut-ng/pull/1431',
  },
  {
    formats: ['cpio'],
    text: 'Clamp the mtimes before the archive is made.',
    rule: 'normalize-cpio',
    source: EPOCH,
  },
  {
    formats: ['jks', 'pkcs12'],
    text: 'Run update-ca-trust with SOURCE_DATE_EPOCH set (p11-kit writes it for every entry since 2018, an epoch of 0 since 2022).',
    rule: 'java-keystore',
    source: 'https://github.com/p11-glue/p11-kit/pull/202',
  },
  {
    formats: ['rpmdb', 'rpm'],
    text: 'Install with SOURCE_DATE_EPOCH set, or set `rpmdb-normalize: true` in the treefile of rpm-ostree.',
    rule: 'rpmdb',
    source: 'https://github.com/rpm-software-management/rpm/pull/1803',
  },
  {
    formats: ['pyc'],
    text: 'Compile with SOURCE_DATE_EPOCH set, which makes pyc files that hold a hash of the source and no time (PEP 552), or clamp the mtimes of the sources first.',
    rule: 'normalize-pyc',
    source: 'https://peps.python.org/pep-0552/',
  },
  {
    formats: ['tar'],
    text: 'Use `tar --mtime=@$SOURCE_DATE_EPOCH --clamp-mtime --sort=name`.',
    rule: 'normalize-tar',
    source: 'https://reproducible-builds.org/docs/archives/',
  },
  {
    formats: ['zip'],
    text: 'Clamp the mtimes and set TZ=UTC before zip runs, with `zip -X`.',
    rule: 'normalize-zip',
    source: 'https://reproducible-builds.org/docs/archives/',
  },
  {
    formats: ['ar', 'deb'],
    text: 'Use `ar` in its deterministic mode (`ar D`).',
    rule: 'normalize-ar',
    source: 'ar(1)',
  },
  {
    formats: ['erofs'],
    text: 'Give the time: `mkfs.erofs -T $SOURCE_DATE_EPOCH -U UUID`.',
    rule: null,
    source: 'mkfs.erofs(1)',
  },
  {
    formats: ['squashfs'],
    text: 'Run mksquashfs 4.4 or newer with SOURCE_DATE_EPOCH set, which is the time of the image then and clamps those of the files.',
    rule: null,
    source: 'mksquashfs(1)',
  },
  {
    formats: ['ext4'],
    text: 'Set E2FSPROGS_FAKE_TIME for mke2fs (newer releases heed SOURCE_DATE_EPOCH), with `-U` and `-E hash_seed=`, and clamp the mtimes of what `-d` copies.',
    rule: null,
    source: 'https://reproducible-builds.org/docs/system-images/',
  },
  {
    formats: ['vfat'],
    text: 'Give the volume number: `mkfs.vfat -i NUMBER`, or `--invariant`; and clamp the mtimes of what is copied into the image.',
    rule: null,
    source: 'mkfs.fat(8)',
  },
  {
    formats: ['der', 'pem'],
    text: 'Make the certificate when the system boots first, or once, and keep it among the inputs: a new one begins to be valid now, and openssl does not heed SOURCE_DATE_EPOCH.',
    rule: null,
    source: 'openssl-req(1)',
  },
  {
    formats: ['png'],
    text: 'Strip the chunks tIME and tEXt.',
    rule: 'normalize-png',
    source: 'https://www.w3.org/TR/png-3/#11tIME',
  },
  {
    formats: ['mo', 'po'],
    text: 'Keep POT-Creation-Date as the sources have it.',
    rule: 'normalize-gettext',
    source: 'https://reproducible-builds.org/docs/timestamps/',
  },
  {
    paths: /(^|\/)bootupd\/updates\/EFI\.json$/,
    text: 'Set SOURCE_DATE_EPOCH for bootupctl: releases after March 2026 heed it.',
    rule: 'bootupd-efi-json',
    source: 'https://github.com/coreos/bootupd/issues/1075',
  },
  {
    paths: /(^|\/)authselect\//,
    text: 'Use a release of authselect that writes no date into the comment (pull request 350), or mask it in both places.',
    rule: 'authselect-header',
    source: 'https://github.com/authselect/authselect/issues/319',
  },
  {
    paths: /(^|\/)(lib|share)\/fontconfig\/|cache\/fontconfig\//,
    text: 'Remove the caches or clamp the mtimes of the font directories first.',
    rule: 'fontconfig-cache',
    source: 'https://bugs.debian.org/864082',
  },
  {
    text: 'Set SOURCE_DATE_EPOCH to the time of the sources: most tools write it instead of the time of the build.',
    rule: null,
    source: EPOCH,
  },
];
