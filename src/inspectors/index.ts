/** Every inspector, most specific first: the first that claims a piece looks into it. */

import { arInspector, debInspector } from './archive/ar.js';
import { tarInspector } from './archive/tar.js';
import { zipInspector } from './archive/zip.js';
import { cpioInspector } from './archive/cpio.js';
import { initramfsInspector } from './archive/initramfs.js';
import { androidBootInspector } from './boot/android-boot.js';
import { bfltInspector } from './boot/bflt.js';
import { linuxKernelInspector } from './boot/linux-kernel.js';
import { pcrsigInspector } from './boot/pcrsig.js';
import { peInspector } from './boot/pe.js';
import { uImageInspector } from './boot/uimage.js';
import { derInspector } from './certificates/der.js';
import { pemInspector } from './certificates/pem.js';
import { compressionInspectors } from './codec/inspectors.js';
import { aptCacheInspector } from './caches/apt-cache.js';
import { fontconfigCacheInspector } from './caches/fontconfig-cache.js';
import { gtkIconCacheInspector } from './caches/gtk-icon-cache.js';
import { gvdbInspector } from './caches/gvdb.js';
import { hwdbInspector } from './caches/hwdb.js';
import { journalInspector } from './caches/journal.js';
import { ldAuxCacheInspector } from './caches/ld-aux-cache.js';
import { ldSoCacheInspector } from './caches/ld-so-cache.js';
import { loginsInspector } from './caches/logins.js';
import { mimeCacheInspector } from './caches/mime-cache.js';
import { systemdCatalogInspector } from './caches/systemd-catalog.js';
import { cosaMetaInspector } from './cosa/meta-json.js';
import { moInspector } from './gettext/mo.js';
import { poInspector } from './gettext/po.js';
import { ociImageInspector } from './oci/image.js';
import { ociJsonInspector } from './oci/oci-json.js';
import { pngInspector } from './media/png.js';
import { pycInspector } from './python/pyc.js';
import { iniInspector } from './text-formats/ini.js';
import { jsonInspector } from './text-formats/json.js';
import type { Inspector } from './define.js';
import { rpmdbInspector } from './databases/rpmdb.js';
import { sqliteJournalInspector, sqliteWalInspector } from './databases/sqlite-logs.js';
import { rpmdbBdbInspector } from './databases/rpmdb-bdb.js';
import { rpmdbNdbInspector } from './databases/rpmdb-ndb.js';
import { sqliteInspector } from './databases/sqlite.js';
import { elfInspector } from './elf/elf.js';
import { blocksInspector } from './generic/blocks.js';
import { textInspector } from './generic/text.js';
import { erofsInspector } from './images/erofs.js';
import { ext4Inspector } from './images/ext4.js';
import { gptInspector } from './images/gpt.js';
import { squashfsInspector } from './images/squashfs.js';
import { vfatInspector } from './images/vfat.js';
import { rpmHeaderInspector, rpmSignatureInspector } from './rpm/rpm-header.js';
import { rpmPackageInspector } from './rpm/rpm-package.js';
import { accountsInspector, shadowInspector } from './accounts/accounts.js';
import { ostreeCommitInspector } from './ostree/commit.js';
import { osReleaseInspector } from './os-release.js';
import { alpmDescInspector } from './packages/alpm-desc.js';
import { alpmMtreeInspector } from './packages/alpm-mtree.js';
import { apkInstalledInspector } from './packages/apk-installed.js';
import { dpkgStatusInspector } from './packages/dpkg-status.js';
import { md5sumsInspector } from './packages/md5sums.js';
import { jksInspector } from './keystores/jks.js';
import { pkcs12Inspector } from './keystores/pkcs12.js';
import { sshPublicKeyInspector } from './keystores/ssh-public-key.js';
import { secretInspector } from './secret.js';

export { inspectFile, type Inspected, type InspectOptions } from './engine/inspect.js';
export { DEFAULT_LIMITS, type InspectLimits } from './engine/limits.js';

export const inspectors: readonly Inspector[] = [
  jksInspector,
  pkcs12Inspector,
  linuxKernelInspector,
  pcrsigInspector,
  peInspector,
  androidBootInspector,
  uImageInspector,
  bfltInspector,
  pemInspector,
  derInspector,
  elfInspector,
  rpmdbInspector,
  rpmdbNdbInspector,
  rpmdbBdbInspector,
  rpmHeaderInspector,
  rpmSignatureInspector,
  rpmPackageInspector,
  sqliteInspector,
  sqliteWalInspector,
  sqliteJournalInspector,
  accountsInspector,
  shadowInspector,
  ostreeCommitInspector,
  osReleaseInspector,
  dpkgStatusInspector,
  md5sumsInspector,
  apkInstalledInspector,
  alpmDescInspector,
  alpmMtreeInspector,
  pycInspector,
  pngInspector,
  ociImageInspector,
  ociJsonInspector,
  cosaMetaInspector,
  moInspector,
  poInspector,
  ldSoCacheInspector,
  ldAuxCacheInspector,
  gvdbInspector,
  gtkIconCacheInspector,
  mimeCacheInspector,
  aptCacheInspector,
  fontconfigCacheInspector,
  systemdCatalogInspector,
  hwdbInspector,
  journalInspector,
  loginsInspector,
  squashfsInspector,
  gptInspector,
  ext4Inspector,
  erofsInspector,
  vfatInspector,
  // An image that is compressed as a whole is more than its compression.
  initramfsInspector,
  cpioInspector,
  tarInspector,
  zipInspector,
  debInspector,
  arInspector,
  ...compressionInspectors,
  jsonInspector,
  iniInspector,
  sshPublicKeyInspector,
  // These take every file that none of the above knows: the first those of secrets, the last all others.
  secretInspector,
  textInspector,
  blocksInspector,
];
