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

/** Another, whose users sign in. */
const signInPort = port + 20;

export const signInStack = {
  ...stack,
  api: `http://127.0.0.1:${signInPort}`,
  app: `http://127.0.0.1:${signInPort}/app/`,
  storage: `http://127.0.0.1:${signInPort + 1}`,
  /** The stand-in for Identity Platform takes the last port. */
  identity: `http://127.0.0.1:${signInPort + 13}`,
  environment: { ...stack.environment, PORT: String(signInPort), AUTH: '1' },
};

const recordings = join(stack.home, 'recordings');

export const files = {
  recordings,
  microphone: join(recordings, 'microphone.wav'),
  items: join(recordings, 'items.wav'),
  short: join(recordings, 'short.flac'),
  long: join(recordings, 'long.wav'),
  hour: join(recordings, 'hour.wav'),
};
