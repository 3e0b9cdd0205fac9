import { fireEvent, screen, userEvent, waitFor } from '@testing-library/react-native';

import { json, renderView } from '../testing/render';
import CourseScreen from './CourseScreen';
import { RetentionNote } from './RetentionNote';
import { daysOf } from './days';

const hold = { until: '2027-03-01T00:00:00Z', reason: 'an appeal' };
const retention = (rules: object = {}, inForce: object = {}) => ({
  courseId: 'c',
  rules: { rawAudioDays: null, transcriptDays: 100, materialDays: null, hold: null, ...rules },
  inForce: { rawAudioDays: 30, transcriptDays: 100, materialDays: null, held: false, ...inForce },
});
const lecture = (lectureId: string, courseId: string, title: string | null) => ({ lectureId, courseId, title, status: 'completed' });
const answers = (more = {}) => ({
  '/courses/c': json({ courseId: 'c', title: 'Data Structures' }),
  '/courses/c/retention': json(retention()),
  '/courses/c/vocabulary': json({ courseId: 'c', terms: ['Knuth', 'treap'] }),
  '/lectures': json({ lectures: [lecture('l', 'c', 'Hashing'), lecture('m', 'other', 'Cells')], pagination: { nextCursor: null } }),
  ...more,
});
const view = (more = {}) => renderView(<CourseScreen courseId="c" />, { answers: answers(more) });

/** A button of a dialog is named as the one that opened it. */
const lastOf = (text: string) => screen.getAllByText(text).at(-1) ?? screen.root;

test('a course is renamed, and its view shows it', async () => {
  let title = 'Data Structures';
  const change = jest.fn(() => {
    title = 'Algorithms';
    return json({ courseId: 'c', title })();
  });
  const { settled } = view({ '/courses/c': () => json({ courseId: 'c', title })(), 'PATCH /courses/c': change });
  await userEvent.press(await screen.findByText('Rename course'));
  fireEvent.changeText(screen.getByLabelText('Title of the course'), 'Algorithms');
  await userEvent.press(screen.getByText('Save'));
  expect(await screen.findByText('Algorithms')).toBeTruthy();
  expect(screen.queryByText('Save')).toBeNull();
  await settled();
});

test('what is kept until when is said in sentences', async () => {
  const { settled } = view({ '/courses/c/retention': json(retention({ hold }, { rawAudioDays: 1, held: true })) });
  expect(await screen.findByText('Recordings are deleted after 1 day.')).toBeTruthy();
  expect(screen.getByText('Transcripts are deleted after 100 days.')).toBeTruthy();
  expect(screen.getByText('Study material is kept until its lecture is deleted.')).toBeTruthy();
  expect(screen.getByText('Nothing is deleted before Mar 1, 2027: there is a hold.')).toBeTruthy();
  await settled();
});

test('days are changed; a hold stays, and what is empty follows the server', async () => {
  const change = jest.fn((_: RequestInit) => json(retention({ rawAudioDays: 7, transcriptDays: null, hold }, { rawAudioDays: 7, transcriptDays: 365 }))());
  const { settled } = view({ '/courses/c/retention': json(retention({ hold })), 'PUT /courses/c/retention': change });
  await userEvent.press(await screen.findByText('Change the days'));
  fireEvent.changeText(screen.getByLabelText('Recordings'), '0');
  await userEvent.press(screen.getByText('Save'));
  expect(screen.getByText('Please enter a number of days from 1 to 3650.')).toBeTruthy();
  expect(change).not.toHaveBeenCalled();
  fireEvent.changeText(screen.getByLabelText('Recordings'), '7');
  fireEvent.changeText(screen.getByLabelText('Transcripts'), '');
  await userEvent.press(screen.getByText('Save'));
  expect(await screen.findByText('Recordings are deleted after 7 days.')).toBeTruthy();
  expect(JSON.parse(String(change.mock.calls[0]?.[0].body))).toEqual({
    rawAudioDays: 7,
    transcriptDays: null,
    materialDays: null,
    hold,
  });
  await settled();
});

test('a change that is refused says why, and what was typed stays', async () => {
  const { settled } = view({ 'PUT /courses/c/retention': json({ code: 'unavailable', detail: '', status: 503 }, 503) });
  await userEvent.press(await screen.findByText('Change the days'));
  fireEvent.changeText(screen.getByLabelText('Study material'), '20');
  await userEvent.press(screen.getByText('Save'));
  expect(await screen.findByText('The server is busy. Please try again.')).toBeTruthy();
  expect(screen.getByLabelText('Study material').props.value).toBe('20');
  await settled();
});

test('words that help with recognition are forgotten', async () => {
  let terms = ['Knuth', 'treap'];
  const forget = () => {
    terms = [];
    return json({ courseId: 'c', termsDeleted: 2 })();
  };
  const { settled } = view({
    '/courses/c/vocabulary': () => json({ courseId: 'c', terms })(),
    'DELETE /courses/c/vocabulary': forget,
  });
  expect(await screen.findByText('Knuth · treap')).toBeTruthy();
  await userEvent.press(screen.getByText('Forget these words'));
  await userEvent.press(lastOf('Forget these words'));
  expect(await screen.findByText(/There are none yet/)).toBeTruthy();
  await settled();
});

test('a course is deleted after it was said which lectures go', async () => {
  const remove = jest.fn(json({ lectures: 1, jobsCancelled: 0, storage: 'purged', objectsDeleted: 3, kept: [] }));
  const { went, settled } = view({ 'DELETE /courses/c': remove });
  await userEvent.press(await screen.findByText('Delete course'));
  expect(await screen.findByText('• Hashing')).toBeTruthy();
  expect(screen.queryByText('• Cells')).toBeNull();
  expect(remove).not.toHaveBeenCalled();
  await userEvent.press(lastOf('Delete course'));
  await waitFor(() => expect(went).toEqual(['/']));
  expect(remove).toHaveBeenCalledTimes(1);
  await settled();
});

test('lectures that the library has not loaded yet are named as well', async () => {
  let pages = 0;
  const page = () => {
    const first = pages++ === 0;
    const [id, title] = first ? ['l', 'Hashing'] : ['n', 'Sorting'];
    return json({ lectures: [lecture(id, 'c', title)], pagination: { nextCursor: first ? 'more' : null } })();
  };
  const { settled } = view({ '/lectures': page });
  await userEvent.press(await screen.findByText('Delete course'));
  expect(await screen.findByText('• Sorting')).toBeTruthy();
  expect(screen.getByText('• Hashing')).toBeTruthy();
  await settled();
});

test('a course that is not there says so', async () => {
  const { settled } = view({ '/courses/c': json({ code: 'not_found', detail: '', status: 404 }, 404) });
  expect(await screen.findByText('There is no such course')).toBeTruthy();
  expect(screen.queryByText('Delete course')).toBeNull();
  await settled();
});

test.each([
  ['', null],
  [' 30 ', 30],
  ['1', 1],
  ['3650', 3650],
  ['3651', undefined],
  ['0', undefined],
  ['-1', undefined],
  ['1.5', undefined],
  ['1e2', undefined],
  ['ten', undefined],
])('%p as days is %p', (text, days) => expect(daysOf(text)).toBe(days));

describe('before an upload it is said what is kept until when', () => {
  const config = json({ retentionDays: { rawAudio: 30, transcript: 14, material: null } });
  const server = 'Recordings are deleted after 30 days. Transcripts are deleted after 14 days. Study material is kept until its lecture is deleted.';

  test('by the server for a course that is new', async () => {
    const { settled } = renderView(<RetentionNote courseId={null} />, { answers: { '/config': config } });
    expect(await screen.findByText(server)).toBeTruthy();
    await settled();
  });

  test('by the course, if it is known', async () => {
    const { settled } = renderView(<RetentionNote courseId="c" />, { answers: answers({ '/config': config }) });
    expect(await screen.findByText(/Transcripts are deleted after 100 days/)).toBeTruthy();
    await settled();
  });

  test('by the server for one that is known on this device alone', async () => {
    const missing = json({ code: 'not_found', detail: '', status: 404 }, 404);
    const { settled } = renderView(<RetentionNote courseId="c" />, { answers: { '/config': config, '/courses/c/retention': missing } });
    expect(await screen.findByText(server)).toBeTruthy();
    await settled();
  });
});
