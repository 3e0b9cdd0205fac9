import type { ChosenFile } from './types';

/** By name: browsers leave the type empty where the system does not know it. */
const TYPES: Readonly<Record<string, string>> = {
  aac: 'audio/aac',
  caf: 'audio/x-caf',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  mka: 'audio/matroska',
  mkv: 'video/matroska',
  mov: 'video/quicktime',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  ogg: 'audio/ogg',
  opus: 'audio/opus',
  wav: 'audio/wav',
  webm: 'audio/webm',
};
const UNKNOWN = 'application/octet-stream';

export function contentTypeOf(name: string, given: string): string {
  if (/^(audio|video)\/[\w.+-]+$/.test(given)) return given;
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return TYPES[ending] ?? UNKNOWN;
}

/** Opens the browser's file dialog; has to be called from a press. */
export function chooseFile(): Promise<ChosenFile | null> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = 'audio/*,video/*,.caf,.opus,.mka,.mkv';
  return new Promise((resolve) => {
    input.oncancel = () => resolve(null);
    input.onchange = () => {
      const file = input.files?.[0];
      resolve(file === undefined ? null : { name: file.name, contentType: contentTypeOf(file.name, file.type), data: file });
    };
    input.click();
  });
}
