/** Identities, seeds, keys and secrets that a build makes for one machine: rows 1 to 17 of the catalogue. */

import type { ScrubRule } from '../../define.js';
import { removalRule } from '../../remove-rule.js';

export const identityRemovals: readonly ScrubRule[] = [
  removalRule({
    id: 'random-seed',
    version: 1,
    varies: 'entropy saved for the next boot',
    summary: 'Removes the random seeds of systemd, sysvinit and systemd-boot.',
    rationale:
      'A seed that many machines share is worse than none; each is made anew at the first shutdown or by bootctl.',
    source: 'systemd: BUILDING_IMAGES, RANDOM_SEEDS; mkosi',
    wants: ['var/lib/{systemd/,urandom/,}random-seed', '{efi,boot,boot/efi}/loader/random-seed'],
  }),
  removalRule({
    id: 'credential-secret',
    version: 1,
    varies: 'secret key of the machine',
    summary: 'Removes the key with which systemd encrypts credentials.',
    rationale:
      'A key that many machines share protects nothing; systemd-creds makes one when it first needs it. Credentials that were encrypted with it in the build cannot be read any more.',
    source: 'mkosi; systemd-creds(1)',
    wants: ['var/lib/systemd/credential.secret'],
  }),
  removalRule({
    id: 'machine-info',
    version: 1,
    varies: 'pretty name and deployment of one host',
    summary: 'Removes /etc/machine-info.',
    rationale: 'Off: administrators ship it on purpose. Nothing needs it.',
    source: 'mkosi; machine-info(5)',
    wants: ['etc/machine-info'],
    on: 'strict',
  }),
  removalRule({
    id: 'localhost-certificate',
    version: 1,
    varies: 'random key and dates of a self-signed certificate',
    summary: 'Removes the key and the certificate that mod_ssl and sscg make for localhost.',
    rationale:
      'Off: the web server does not start until both are made again, as httpd-init.service does on Fedora.',
    source: 'Fedora mod_ssl, httpd-init.service',
    wants: ['etc/pki/tls/private/localhost.key', 'etc/pki/tls/certs/localhost.crt'],
    on: 'strict',
  }),
  removalRule({
    id: 'nvme-host-id',
    version: 1,
    varies: 'random identity as an NVMe host',
    summary: 'Removes the NVMe host id and host name.',
    rationale:
      'Hosts that share one are taken for one by storage targets. Without the files the tools derive one from the firmware.',
    source: 'finnix-live-build; nvme-gen-hostnqn(1)',
    wants: ['etc/nvme/{hostid,hostnqn}'],
  }),
  removalRule({
    id: 'iscsi-initiator',
    version: 1,
    varies: 'random name as an iSCSI initiator',
    summary: 'Removes the iSCSI initiator name.',
    rationale:
      'Off: a machine whose root lies on iSCSI does not boot without it, and not every distribution makes it again.',
    source: 'open-iscsi',
    wants: ['etc/iscsi/initiatorname.iscsi'],
    on: 'named',
  }),
  removalRule({
    id: 'network-manager-state',
    version: 1,
    varies: 'secret key, seen networks, times and leases',
    summary: 'Removes the state of NetworkManager below /var; connections stay.',
    rationale: 'NetworkManager writes all of it anew; the key is made when it is missing.',
    source: 'NetworkManager(8); virt-sysprep',
    wants: ['var/lib/NetworkManager/{secret_key,seen-bssids,timestamps,*.lease}'],
  }),
  removalRule({
    id: 'pacman-keyring',
    version: 1,
    varies: 'locally made master key, random seed, trust database',
    summary: 'Removes the key ring of pacman.',
    rationale:
      'Off: pacman installs nothing until `pacman-key --init` and `--populate` have run, as the image that Arch calls repro has it.',
    source: 'docker-library/official-images 21327; archlinux-docker 18',
    wants: ['etc/pacman.d/gnupg/**'],
    wholeTrees: true,
    on: 'named',
  }),
  removalRule({
    id: 'gnupg-state',
    version: 1,
    varies: 'random seed, times of a trust database',
    summary: "Removes apt's obsolete trust database and the random seed of root's GnuPG.",
    rationale:
      'apt has not used its trust database since 2016; GnuPG saves a seed anew. Key rings stay.',
    source: 'debuerreotype; tried with GnuPG 2.2',
    wants: ['etc/apt/trustdb.gpg', 'root/.gnupg/random_seed', 'var/roothome/.gnupg/random_seed'],
  }),
  removalRule({
    id: 'gnupg-trust',
    version: 1,
    varies: 'time of the next check of trust',
    summary: "Removes the trust database of root's GnuPG; key rings stay.",
    rationale:
      'Off: whom root trusts is in it and nowhere else; without it `gpg` warns of keys that it trusted, and encrypts to none of them in batch mode.',
    source: 'tried with GnuPG 2.2',
    wants: ['{root,var/roothome}/.gnupg/trustdb.gpg'],
    on: 'named',
  }),
  removalRule({
    id: 'service-keys',
    version: 1,
    varies: 'random key that a package made for its service',
    summary: 'Removes the keys of brltty, BIND, Tor, unbound, CUPS and munge.',
    rationale: 'Off: a service that does not make its key itself fails until somebody does.',
    source: 'maintainer scripts of the packages',
    wants: [
      'etc/{brlapi.key,rndc.key}',
      'etc/tor/**/*keys*/**',
      'var/lib/unbound/root.key',
      'etc/cups/ssl/**',
      'etc/munge/munge.key',
    ],
    on: 'strict',
  }),
  removalRule({
    id: 'zypp-identity',
    version: 1,
    varies: 'random identity for statistics',
    summary: 'Removes the anonymous id and the last seen flavour of libzypp.',
    rationale: 'libzypp makes both anew when it next talks to a repository.',
    source: 'libzypp',
    wants: ['var/lib/zypp/{AnonymousUniqueId,LastDistributionFlavor}'],
  }),
  removalRule({
    id: 'account-backups',
    version: 1,
    varies: 'the accounts before the last change',
    summary: 'Removes the backups of the account files and the lock of the account tools.',
    rationale: 'The shadow tools write both anew with each change and need neither.',
    source: 'rpm-ostree; live-build; mkosi PR 4091',
    wants: ['etc/{passwd,group,shadow,gshadow,subuid,subgid}-', 'etc/.pwd.lock'],
  }),
  removalRule({
    id: 'host-hardware',
    version: 1,
    varies: 'hardware of the machine that builds',
    summary: 'Removes adjtime, mdadm.conf and persistent names of network cards and drives.',
    rationale:
      'Off: without mdadm.conf an array, and a system on it, may not start, and adjtime says whether the hardware clock runs in local time.',
    source: 'live-build',
    wants: ['etc/adjtime', 'etc/mdadm/mdadm.conf', 'etc/udev/rules.d/70-persistent-{net,cd}.rules'],
    on: 'named',
  }),
];
