/** One side of a diff as JSON. */

import type { BuildFacts } from '../core/build.js';
import type { CaptureSet } from '../core/capture.js';
import type { AppliedEdit } from '../core/edit.js';
import type { ReportSide } from '../core/report.js';
import { bytesBase64, bytesText, canonical, hex, jsonInteger } from './json-text.js';

export function jsonSide(side: ReportSide): object {
  return {
    name: side.name,
    stream: side.stream,
    location: side.location,
    contentDigest: hex(side.contentDigest),
    fullDigest: hex(side.fullDigest),
    entryCount: side.entryCount,
    sizeBytes: jsonInteger(side.sizeBytes),
    capture: jsonCapture(side.capture),
    facts: jsonFacts(side.facts),
    meta: canonical(side.meta),
    edits: side.edits.map(jsonEdit),
  };
}

function jsonCapture(capture: CaptureSet): object {
  return {
    version: capture.version,
    digests: capture.digests,
    xattrs: capture.xattrs,
    mtime: capture.mtime,
    ...(capture.mtimeResolution === undefined ? {} : { mtimeResolution: capture.mtimeResolution }),
    ownership: capture.ownership,
    hardLinks: capture.hardLinks,
    ...omitted(capture),
    exclusions: capture.exclusions.map(({ pattern, reason }) => ({ pattern, reason })),
    mountPoints: capture.mountPoints.map((path) => ({
      path: bytesText(path),
      pathBase64: bytesBase64(path),
    })),
  };
}

/** What only manifests of other tools leave out: absent for all others. */
function omitted({ omissions, unlistedDirectories, lists, otherDigests }: CaptureSet): object {
  return {
    ...(omissions === undefined
      ? {}
      : {
          omissions: omissions.map(({ attribute, entries, isAll }) => ({
            attribute,
            entries,
            isAll,
          })),
        }),
    ...(unlistedDirectories === undefined ? {} : { unlistedDirectories }),
    ...(lists === undefined ? {} : { lists }),
    ...(otherDigests === undefined ? {} : { otherDigests }),
  };
}

function jsonFacts(facts: BuildFacts): object {
  return {
    startedAt: facts.startedAt,
    endedAt: facts.endedAt,
    sourceDateEpoch: facts.sourceDateEpoch,
    hostName: facts.hostName,
    kernel: facts.kernel,
    architecture: facts.architecture,
    user: facts.user,
    uid: facts.uid,
    gid: facts.gid,
    cwd: facts.cwd,
    tmpDir: facts.tmpDir,
    timeZone: facts.timeZone,
    locale: facts.locale,
    umask: facts.umask.toString(8).padStart(4, '0'),
    cpuCount: facts.cpuCount,
    cpuModel: facts.cpuModel,
    bootId: facts.bootId,
    fileSystem: facts.fileSystem,
    source: facts.source,
    tools: canonical(facts.tools),
    environment: canonical(facts.environment),
    osRelease: canonical(facts.osRelease),
  };
}

function jsonEdit(edit: AppliedEdit): object {
  return {
    rule: edit.rule,
    ruleVersion: edit.ruleVersion,
    path: bytesText(edit.path),
    pathBase64: bytesBase64(edit.path),
    kind: edit.kind,
    reason: edit.reason,
    secret: edit.secret,
    oldSize: edit.oldSize,
    newSize: edit.newSize,
    oldDigest: hex(edit.oldDigest),
    newDigest: hex(edit.newDigest),
    oldMtimeNs: edit.oldMtimeNs === null ? null : String(edit.oldMtimeNs),
    newMtimeNs: edit.newMtimeNs === null ? null : String(edit.newMtimeNs),
  };
}
