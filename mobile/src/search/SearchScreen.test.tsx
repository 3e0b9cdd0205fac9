import { fireEvent, screen, userEvent } from '@testing-library/react-native';

import { json, renderView } from '../testing/render';
import SearchScreen from './SearchScreen';

const courses = json({ courses: [{ courseId: 'c', title: 'Data Structures' }], pagination: { nextCursor: null } });
const hit = {
  lectureId: 'l',
  courseId: 'c',
  title: 'Hashing',
  startSec: 20,
  endSec: 50,
  excerpt: 'We call that a collision.',
  highlights: [{ start: 15, end: 24, utteranceId: 4, startSec: 31.4 }],
  rank: 1,
};

const type = (words: string) => fireEvent.changeText(screen.getByLabelText('Words that were said'), words);

test('a hit leads to the second of the word that was found', async () => {
  const found = jest.fn(json({ hits: [hit], pagination: { total: 1 } }));
  const { went } = renderView(<SearchScreen />, { answers: { '/courses': courses, 'POST /search': found } });
  type('collision');
  expect(await screen.findByText('collision')).toBeTruthy();
  expect(screen.getByText('1 passage')).toBeTruthy();
  expect(await screen.findByText('Data Structures')).toBeTruthy();
  await userEvent.press(screen.getByLabelText('Play from 0:31: Hashing'));
  expect(went).toEqual(['/lectures/l?t=31']);
});

test('nothing found, and a search that failed, are said in words', async () => {
  const answers = { '/courses': courses, 'POST /search': json({ hits: [], pagination: { total: 0 } }) };
  const { unmount } = renderView(<SearchScreen />, { answers });
  type('nothing');
  expect(await screen.findByText('Nothing was found')).toBeTruthy();
  unmount();
  renderView(<SearchScreen />, { answers: { '/courses': courses } });
  type('lost');
  expect(await screen.findByText('The server cannot be reached. Check the connection.')).toBeTruthy();
});
