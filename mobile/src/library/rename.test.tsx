import { fireEvent, screen, userEvent, waitFor } from '@testing-library/react-native';

import type { Lecture } from '../api/client';
import { ManageLecture } from '../lecture/ManageLecture';
import { json, renderView } from '../testing/render';
import { Courses } from './Courses';

const lecture = { lectureId: 'l', courseId: 'c', title: 'Hashing', status: 'completed', durationSec: 60, createdAt: '2026-11-12T10:00:00Z' };
const lists = (course: () => Response) => ({
  '/lectures': json({ lectures: [lecture], pagination: { nextCursor: null } }),
  '/courses': course,
});

test('a course is renamed, and the list shows it', async () => {
  let title = 'Data Structures';
  const change = jest.fn(() => {
    title = 'Algorithms';
    return json({ courseId: 'c', title })();
  });
  const courses = () => json({ courses: [{ courseId: 'c', title }], pagination: { nextCursor: null } })();
  renderView(<Courses />, { answers: { ...lists(courses), 'PATCH /courses/c': change } });
  await userEvent.press(await screen.findByLabelText('Rename Data Structures'));
  fireEvent.changeText(screen.getByLabelText('Title of the course'), 'Algorithms');
  await userEvent.press(screen.getByText('Save'));
  expect(await screen.findByText('Algorithms')).toBeTruthy();
  expect(change).toHaveBeenCalledTimes(1);
  expect(screen.queryByText('Save')).toBeNull();
});

describe('a lecture', () => {
  async function typed(text: string, answer: () => Response) {
    const change = jest.fn(answer);
    renderView(<ManageLecture lectureId="l" lecture={lecture as unknown as Lecture} />, { answers: { 'PATCH /lectures/l': change } });
    await userEvent.press(screen.getByText('Rename lecture'));
    fireEvent.changeText(screen.getByLabelText('Title of the lecture'), text);
    await userEvent.press(screen.getByText('Save'));
    return change;
  }

  test('that keeps its title is not sent', async () => {
    const change = await typed(' Hashing ', json({}));
    await waitFor(() => expect(screen.queryByText('Save')).toBeNull());
    expect(change).not.toHaveBeenCalled();
  });

  test('with a title that is refused says so, and what was typed stays', async () => {
    await typed('x'.repeat(999), json({ code: 'invalid_request', detail: '', status: 422 }, 422));
    expect(await screen.findByText('This title cannot be used. Is it too long?')).toBeTruthy();
    expect(screen.getByLabelText('Title of the lecture').props.value).toHaveLength(999);
  });
});
