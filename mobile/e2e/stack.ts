import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The whole Pegasus that the tests run against; it is started and ended with them. */
const port = Number(process.env.E2E_PORT ?? 18480);

export const stack = {
  root: resolve(__dirname, '../..'),
  api: `http://127.0.0.1:${port}`,
  app: `http://127.0.0.1:${port}/app/`,
  /** The stand-in for Cloud Storage takes the next port. */
  storage: `http://127.0.0.1:${port + 1}`,
  home: process.env.E2E_HOME ?? join(tmpdir(), 'pegasus-e2e'),
  environment: {
    PORT: String(port),
    PLC_WHISPER_MODEL: 'tiny.en',
    PLC_SEGMENT_TARGET_SEC: '20',
    PLC_WRITE_RATE_LIMIT_MAX_REQUESTS: '10000',
  },
};

const recordings = join(stack.home, 'recordings');

export const files = {
  recordings,
  microphone: join(recordings, 'microphone.wav'),
  short: join(recordings, 'short.flac'),
  long: join(recordings, 'long.wav'),
  hour: join(recordings, 'hour.wav'),
};
