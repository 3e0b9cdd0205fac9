import { act, fireEvent, screen, userEvent, waitFor } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import LectureScreen from '../lecture/LectureScreen';
import { ManageLecture } from '../lecture/ManageLecture';
import { FakeMedia } from '../player/testing';
import { type Answers, json, never, renderView } from '../testing/render';
import { translations, translator } from '../testing/translations';
import { ApiProblem, NetworkFailure } from '../api/problem';
import { CutScreen } from './CutScreen';
import { refusalOf } from './words';

const lecture = {
  lectureId: 'l',
  courseId: 'c',
  title: 'Hashing',
  status: 'completed',
  durationSec: 60,
  restrictedAt: null,
  recordingDeletedAt: null,
  available: { recording: true, transcript: true, artifacts: true, exports: true },
} as unknown as Lecture;
const withheld = { ...lecture, available: { ...lecture.available, recording: false } };

const utterances = ['Welcome.', 'The answers are in my drawer.', 'Do not repeat that.', 'Hash tables, then.'].map((text, id) => ({
  id,
  startSec: id * 10 + 0.4,
  endSec: id * 10 + 8.2,
  text,
  confidence: 0.9,
  words: [],
}));
const transcript = json({ utterances, language: 'en', durationSec: 60, warnings: [] });

type State = 'silencing' | 'silenced' | 'failed';
const record = (state: State, startSec = 10.4, more = {}) => ({
  startSec,
  endSec: startSec === 10.4 ? 28.2 : startSec + 5,
  state,
  error: state === 'failed' ? { code: 'recording_not_silenced', message: '' } : null,
  createdAt: '2026-11-12T10:00:00Z',
  ...more,
});
const cuts = (...records: object[]) => json({ lectureId: 'l', cuts: records });
const problem = (status: number, code: string) => json({ code, detail: '', status, requestId: 'r-1' }, status);

function shown(answers: Answers = {}, media: FakeMedia | null = null) {
  return renderView(<CutScreen lectureId="l" />, {
    answers: { '/lectures/l': json(lecture), '/lectures/l/transcript': transcript, '/lectures/l/cuts': cuts(), ...answers },
    openMedia: media === null ? null : () => media,
  });
}

const row = (text: RegExp) => screen.findByLabelText(text);
const pressed = () => screen.getAllByRole('button').filter((button) => button.props['aria-pressed'] === true);
const CUT = 'Cut it out';
/** A button of the dialog is named as the one that opened it, and comes before it: that one is at the foot of the view. */
const inDialog = (text: string) => screen.getAllByText(text)[0] ?? screen.root;
const confirm = async () => {
  await userEvent.press(screen.getByText(CUT));
  await userEvent.press(inDialog(CUT));
};

/** The API after a cut: the recording is withheld, and then silent. */
function server() {
  let state: State | null = null;
  const write = jest.fn((_: RequestInit) => {
    state = 'silencing';
    return json({ lectureId: 'l', cuts: [record('silencing')], utterances: 2, silencingJobId: 's', jobId: 'g' }, 202)();
  });
  return {
    write,
    body: () => JSON.parse(String(write.mock.calls.at(-1)?.[0].body)),
    become: (next: State) => void (state = next),
    answers: {
      '/lectures/l': () => json(state === null || state === 'silenced' ? lecture : withheld)(),
      '/lectures/l/cuts': () => cuts(...(state === null ? [] : [record(state)]))(),
      'POST /lectures/l/cuts': write,
    } as Answers,
  };
}

test('the first and the last sentence are tapped, what goes is said, and it is cut and followed', async () => {
  jest.useFakeTimers({ advanceTimers: true });
  try {
    const { write, body, become, answers } = server();
    const { went } = shown(answers);
    await userEvent.press(await row(/The answers/));
    expect(screen.getByText(/Now tap the last sentence/)).toBeTruthy();
    await userEvent.press(await row(/Do not repeat/));
    expect(screen.getByText(/Chosen: .*0:10.*0:29.*, 18 seconds/)).toBeTruthy();
    expect(screen.getByLabelText('From').props.value).toBe('0:10');

    await userEvent.press(screen.getByText(CUT));
    const sentence = screen.getByText(/^What was said from 0:10 to 0:29/);
    for (const part of [/recording/, /transcript with its earlier versions/, /study material/, /files/, /search/, /cannot be undone/]) {
      expect(sentence).toHaveTextContent(part);
    }
    expect(screen.getByText('The answers are in my drawer. Do not repeat that.')).toBeTruthy();
    expect(write).not.toHaveBeenCalled();
    await userEvent.press(inDialog(CUT));
    await waitFor(() => expect(body()).toEqual({ cuts: [{ startSec: 10.4, endSec: 28.2 }] }));

    expect(await screen.findByText('It is cut out, and the recording is being rewritten')).toBeTruthy();
    expect(screen.queryByText(/^Chosen/)).toBeNull();
    expect(await screen.findByText('Something was cut out of the recording. It can be played once it is silent there.')).toBeTruthy();
    become('silenced');
    await act(() => jest.advanceTimersByTimeAsync(2_500));
    expect(await screen.findByText(/silent there and can be played again. The study material is made again/)).toBeTruthy();
    expect(screen.queryByText(/It can be played once/)).toBeNull();
    await userEvent.press(screen.getByText('To the lecture'));
    expect(went).toEqual(['/lectures/l']);
  } finally {
    jest.useRealTimers();
  }
});

test('times can be typed, and what is wrong with them is said', async () => {
  const { settled } = shown();
  await row(/Welcome/);
  const type = (label: 'From' | 'To', text: string) => fireEvent.changeText(screen.getByLabelText(label), text);
  type('From', 'ten');
  expect(screen.getByText(/The first time cannot be read/)).toBeTruthy();
  type('From', '0:12');
  expect(screen.queryByText(CUT)).toBeNull();
  type('To', '0:11');
  expect(screen.getByText('The second time has to be later than the first.')).toBeTruthy();
  type('To', '2:00');
  expect(screen.getByText('The recording ends at 1:00.')).toBeTruthy();
  type('To', '0:25');
  // Both sentences go in part, and say so.
  expect(screen.getByLabelText('0:10 · goes in part The answers are in my drawer.')).toBeTruthy();
  expect(pressed()).toHaveLength(2);
  await userEvent.press(screen.getByLabelText('Choose nothing'));
  expect(pressed()).toHaveLength(0);
  await settled();
});

test('it is heard from three seconds before, to its end', async () => {
  const media = new FakeMedia();
  const address = Object.defineProperty(new Response('x', { status: 206 }), 'url', { value: 'https://bucket/x' });
  const { settled } = shown({ '/lectures/l/audio': () => address }, media);
  await userEvent.press(await row(/The answers/));
  await userEvent.press(screen.getByText('Listen first'));
  await waitFor(() => expect(media.told).toContain('play'));
  expect(media.told).toContain('load https://bucket/x 7.4');
  act(() => media.emit('playing'));
  media.at = 18.3;
  act(() => media.emit('moved'));
  expect(media.told.at(-1)).toBe('pause');
  await settled();
});

test('a recording that is withheld is said to be so when it is played', async () => {
  const { settled } = shown({ '/lectures/l/audio': problem(409, 'recording_withheld') }, new FakeMedia());
  await userEvent.press(await row(/The answers/));
  await userEvent.press(screen.getByText('Listen first'));
  expect(await screen.findByText('Something was cut out of the recording. It can be played once it is silent there.')).toBeTruthy();
  await settled();
});

test('without a transcript the times are typed', async () => {
  const { settled } = shown({ '/lectures/l/transcript': problem(404, 'not_found') });
  expect(await screen.findByText('There is no transcript: please type minutes and seconds, such as 12:10.')).toBeTruthy();
  fireEvent.changeText(screen.getByLabelText('From'), '0:10');
  fireEvent.changeText(screen.getByLabelText('To'), '0:20');
  await userEvent.press(screen.getByText(CUT));
  expect(screen.getByText(/^What was said from 0:10 to 0:20 \(10 seconds\)/)).toBeTruthy();
  expect(screen.queryByText('What is said there:')).toBeNull();
  await settled();
});

test('offline it says so; a cut that was not answered can be sent again', async () => {
  let down = true;
  const { write, answers } = server();
  const { settled } = shown({ ...answers, 'POST /lectures/l/cuts': (request, address) => {
    if (down) throw new TypeError('Failed to fetch');
    return answers['POST /lectures/l/cuts']?.(request, address) ?? never();
  } });
  await userEvent.press(await row(/The answers/));
  await confirm();
  expect(await screen.findByText(/what is cut already is not cut twice/)).toBeTruthy();
  down = false;
  await userEvent.press(inDialog(CUT));
  expect(await screen.findByText(/recording is being rewritten/)).toBeTruthy();
  expect(write).toHaveBeenCalledTimes(1);
  await settled();

  renderView(<CutScreen lectureId="l" />);
  expect(await screen.findByText('You are offline')).toBeTruthy();
});

test('a recording that could not be made silent is tried again', async () => {
  const { write, body, become, answers } = server();
  become('failed');
  const { settled } = shown(answers);
  expect(await screen.findByText('The recording could not be made silent')).toBeTruthy();
  expect(screen.getByText(/^So it is not played any more.*if that fails too, delete the lecture/)).toBeTruthy();
  expect(screen.getByText(/^not silent, so the recording is withheld/)).toBeTruthy();
  await userEvent.press(screen.getByText('Try again'));
  expect(await screen.findByText(/recording is being rewritten/)).toBeTruthy();
  expect(write).toHaveBeenCalledTimes(1);
  expect(body()).toEqual({ cuts: [{ startSec: 10.4, endSec: 28.2 }] });
  await settled();
});

test('earlier cuts are listed, many of them folded, and are no news', async () => {
  const many = [0, 10, 20, 30, 40].map((sec) => record('silenced', sec));
  const { settled } = shown({ '/lectures/l/cuts': cuts(...many) });
  expect(await screen.findByText('Cut out already')).toBeTruthy();
  expect(screen.getAllByText(/^silent · Nov 12, 2026/)).toHaveLength(3);
  expect(screen.queryByText('It is cut out')).toBeNull();
  await userEvent.press(screen.getByText('Show all 5'));
  expect(screen.getAllByText(/^silent/)).toHaveLength(5);
  await settled();
});

/** What `POST /lectures/{id}/cuts` answers with, as the API guide lists it. */
const REFUSALS = [
  [401, 'unauthorized'], [403, 'email_not_verified'], [403, 'email_not_allowed'], [404, 'not_found'],
  [409, 'lecture_restricted'], [409, 'taken_down'], [409, 'conflict'], [409, 'transcription_running'], [409, 'too_many_cuts'],
  [409, 'idempotency_in_progress'], [422, 'transcript_empty'], [422, 'invalid_request'], [429, 'rate_limited'],
  [503, 'unavailable'], [503, 'schema_behind'], [503, 'contended'],
] as const;

describe.each(['en', 'de', 'es'] as const)('in %s', (language) => {
  const { t } = translator(language);
  const refused = (code: string) => refusalOf(t, new ApiProblem(400, code, '', 'r-1', null, []));

  test.each(REFUSALS)('%d %s is in words that are of cutting', (_, code) => {
    expect(refused(code)).not.toMatch(/r-1/);
    expect(refused(code)).not.toBe(translations[language].errors.unknown);
    // These are said of uploads and corrections elsewhere.
    if (code === 'conflict' || code === 'transcription_running') {
      expect(refused(code)).not.toBe(translations[language].errors.codes[code]);
    }
  });

  test('a defect of the app or the server has its reference, and a lost network its own words', () => {
    expect(refused('idempotency_key_reused')).toMatch(/r-1/);
    expect(refused('internal')).toMatch(/r-1/);
    expect(refusalOf(t, new NetworkFailure(''))).toBe(translations[language].cutting.unreachable);
  });
});

test('what is refused stays chosen, and is said in the dialog', async () => {
  const { settled } = shown({ 'POST /lectures/l/cuts': problem(422, 'transcript_empty') });
  await userEvent.press(await row(/The answers/));
  await confirm();
  expect(await screen.findByText('Nothing would be left of the transcript. Delete the lecture instead.')).toBeTruthy();
  await userEvent.press(screen.getByText('Cancel'));
  expect(screen.getByText(/^Chosen: /)).toBeTruthy();
  await userEvent.press(screen.getByText(CUT));
  expect(screen.queryByText(/Nothing would be left/)).toBeNull();
  await settled();
});

describe('from the lecture', () => {
  const managed = (change: object) =>
    renderView(<ManageLecture lectureId="l" lecture={{ ...lecture, ...change }} onStarted={jest.fn()} />);

  test('the view is opened, where there is something to cut', async () => {
    const { went, unmount } = managed({});
    await userEvent.press(screen.getByText('Cut something out'));
    expect(went).toEqual(['/lectures/l/cut']);
    unmount();
    const available = { ...lecture.available, transcript: false };
    for (const change of [
      { restrictedAt: '2026-11-12T10:00:00Z' },
      ...['awaiting_upload', 'uploaded', 'processing'].map((status) => ({ status, available })),
    ]) {
      const view = managed(change);
      expect(screen.queryByText('Cut something out')).toBeNull();
      view.unmount();
    }
    // Of a transcript that has failed, or was deleted in time, the recording is left.
    for (const status of ['failed', 'completed']) {
      const view = managed({ status, available });
      expect(screen.getByText('Cut something out')).toBeTruthy();
      view.unmount();
    }
  });

  test('that is withheld says why, and not that its time was over', async () => {
    const progress = { lectureId: 'l', overallStatus: 'completed', percent: 100, estimatedSecondsLeft: null, error: null, warnings: [], stages: [] };
    const { settled } = renderView(<LectureScreen lectureId="l" />, {
      answers: {
        '/lectures/l': json(withheld),
        '/courses': json({ courses: [], pagination: { nextCursor: null } }),
        '/lectures/l/progress': json(progress),
        '/lectures/l/progress/stream': problem(503, 'streams_busy'),
        '/lectures/l/transcript': transcript,
        '/lectures/l/cuts': cuts(record('failed')),
      },
    });
    expect(await screen.findByText('The recording could not be made silent')).toBeTruthy();
    expect(screen.getByText('Something was cut out of the recording. It can be played once it is silent there.')).toBeTruthy();
    expect(screen.queryByText(/deleted when its time was over/)).toBeNull();
    await settled();
  });
});
