/** OCI layouts and archives of images, written in code. */

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { tarArchive, tarMember, type TarFields } from '../formats/build-tar.js';

export interface LayerSpec {
  readonly members: readonly TarFields[];
  readonly compression?: 'gzip' | 'none';
  readonly annotations?: Readonly<Record<string, string>>;
  readonly mediaType?: string;
}

export interface ImageSpec {
  readonly layers: readonly LayerSpec[];
  readonly tag?: string;
  readonly architecture?: string;
  readonly created?: string;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Files of a layout by name. */
export type LayoutFiles = Map<string, Buffer>;

const TAR = 'application/vnd.oci.image.layer.v1.tar';

/** One layout with these images, each under its tag. */
export function layoutFiles(...images: readonly ImageSpec[]): LayoutFiles {
  const files: LayoutFiles = new Map();
  const put = (bytes: Buffer): { digest: string; size: number } => {
    const hex = sha256(bytes);
    files.set(`blobs/sha256/${hex}`, bytes);
    return { digest: `sha256:${hex}`, size: bytes.length };
  };
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const manifests = images.map((image) => {
    const tars = image.layers.map(({ members }) => tarArchive(members.map(tarMember)));
    const layers = image.layers.map(({ compression = 'gzip', annotations, mediaType }, i) => ({
      mediaType: mediaType ?? (compression === 'gzip' ? `${TAR}+gzip` : TAR),
      ...put(compression === 'gzip' ? gzipSync(tars[i]!) : tars[i]!),
      ...(annotations === undefined ? {} : { annotations }),
    }));
    const platform = { os: 'linux', architecture: image.architecture ?? 'amd64' };
    const config = put(
      json({
        created: image.created ?? '2026-01-02T03:04:05Z',
        ...platform,
        ...image.config,
        rootfs: { type: 'layers', diff_ids: tars.map((tar) => `sha256:${sha256(tar)}`) },
      }),
    );
    const manifest = put(
      json({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
        layers,
      }),
    );
    const annotations =
      image.tag === undefined
        ? {}
        : { annotations: { 'org.opencontainers.image.ref.name': image.tag } };
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    return { mediaType, ...manifest, platform, ...annotations };
  });
  files.set('index.json', json({ schemaVersion: 2, manifests }));
  files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  return files;
}

export function writeLayout(folder: string, files: LayoutFiles): string {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

/** As a tar archive. */
export function layoutArchive(files: LayoutFiles): Buffer {
  return tarArchive([...files].map(([name, data]) => tarMember({ name, data })));
}

/** What `docker save` writes of an image of two layers, the upper one first. */
export function dockerSave(image: Pick<ImageSpec, 'layers'>): Buffer {
  const tars = image.layers.map(({ members }) => tarArchive(members.map(tarMember)));
  const config = JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => `sha256:${sha256(tar)}`) },
  });
  const configName = `${sha256(Buffer.from(config))}.json`;
  const [first, second] = tars.map(sha256);
  return tarArchive(
    [
      { name: `${'1'.repeat(64)}/layer.tar`, data: tars[1]! },
      { name: `${first}.tar`, data: tars[0]! },
      // Old versions of docker repeat a layer as a link.
      symlink(`${second}/layer.tar`, `../${'1'.repeat(64)}/layer.tar`),
      { name: configName, data: config },
      {
        name: 'manifest.json',
        data: JSON.stringify([
          {
            Config: configName,
            RepoTags: ['app:1'],
            Layers: [`${first}.tar`, `${second}/layer.tar`],
          },
        ]),
      },
    ].map(tarMember),
  );
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A regular file, a directory, a link. */
export const file = (name: string, data = name, more: TarFields = {}): TarFields => ({
  name,
  data,
  ...more,
});
export const folder = (name: string, more: TarFields = {}): TarFields => ({
  name: `${name}/`,
  typeflag: '5',
  mode: 0o755,
  ...more,
});
export const symlink = (name: string, linkname: string): TarFields => ({
  name,
  typeflag: '2',
  linkname,
  mode: 0o777,
});
export const hardLink = (name: string, linkname: string): TarFields => ({
  name,
  typeflag: '1',
  linkname,
});
