/** An image of an archive that `docker save` wrote (docker image specification 1.2). */

import { createHash } from 'node:crypto';

import { AuditError } from '../../core/errors.js';
import { readOciConfig } from '../../formats/oci-config.js';
import { readDockerManifest, type DockerImage } from '../../formats/oci-docker-archive.js';
import { MOST_DOCUMENT_BYTES } from '../../formats/oci-json.js';
import type { Choice } from './choose-manifest.js';
import type { Image } from './image.js';
import type { ImageFiles } from './image-files.js';

/** Throws `SOURCE_UNUSABLE`, and `FormatError` for documents that make no sense. */
export function dockerImage(files: ImageFiles, choice: Omit<Choice, 'tell'>): Image {
  const problems: string[] = [];
  const manifest = files.open('manifest.json');
  if (manifest === null) throw unusable(choice, 'no manifest.json');
  const images = readDockerManifest(manifest.read(0, MOST_DOCUMENT_BYTES + 1));
  const image = chooseImage(images, choice);
  const configFile = files.open(image.config);
  if (configFile === null) throw unusable(choice, `no configuration ${image.config}`);
  const configBytes = configFile.read(0, MOST_DOCUMENT_BYTES + 1);
  const digest = createHash('sha256').update(configBytes).digest('hex');
  // The name is the digest: `HEX.json`, or `blobs/sha256/HEX`.
  const named = /(?:^|\/)([a-f0-9]{64})(?:\.json)?$/.exec(image.config)?.[1];
  if (named !== undefined && named !== digest)
    problems.push(`config: expected sha256:${named} by its name, found sha256:${digest}`);
  const config = readOciConfig(configBytes);
  if (config.diffIds.length !== image.layers.length)
    problems.push(
      `config: expected ${image.layers.length} diff_ids, found ${config.diffIds.length}`,
    );
  const whole = { mediaType: '', digest: null, name: '' } as const;
  return {
    reference: choice.tag,
    mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    documents: [
      { ...whole, role: 'manifest', size: manifest.size, bytes: manifest.size, access: manifest },
      {
        ...whole,
        role: 'config',
        size: configFile.size,
        bytes: configFile.size,
        access: configFile,
      },
    ],
    layers: image.layers.map((name, i) => ({
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar',
      digest: digestIn(name),
      size: null,
      diffId: config.diffIds[i] ?? null,
      components: null,
      access: files.open(name),
      absence: `the archive has no file ${JSON.stringify(name)}`,
    })),
    problems,
  };
}

/** Archives since docker 25 are layouts as well, and name layers by the digest of the blob. */
function digestIn(name: string): string | null {
  const hex = /(?:^|\/)blobs\/sha256\/([a-f0-9]{64})$/.exec(name)?.[1];
  return hex === undefined ? null : `sha256:${hex}`;
}

function chooseImage(images: readonly DockerImage[], choice: Omit<Choice, 'tell'>): DockerImage {
  const { tag } = choice;
  const named = tag === null ? images : images.filter(({ tags }) => tags.some(isTag(tag)));
  const [image] = named;
  if (image !== undefined && named.length === 1) return image;
  const there = images.map(({ tags, config }) => tags.join(', ') || config).join('; ');
  throw unusable(choice, there, tag === null ? 'one image' : `one image ${tag}`);
}

/** `app:1` is what docker writes as `docker.io/library/app:1` elsewhere. */
function isTag(tag: string): (has: string) => boolean {
  const short = (name: string): string => name.replace(/^(?:docker\.io\/)?(?:library\/)?/, '');
  return (has) => short(has) === short(tag) || short(has) === `${short(tag)}:latest`;
}

function unusable(
  { location }: Pick<Choice, 'location'>,
  found: string,
  expected = 'an archive of docker save',
): AuditError {
  const message = `cannot read ${location}: expected ${expected}, found ${found}`;
  return new AuditError('SOURCE_UNUSABLE', message, {
    hint: 'name one as docker-archive:FILE:TAG',
  });
}
