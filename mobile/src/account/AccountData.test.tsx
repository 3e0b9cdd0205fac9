import { screen, userEvent } from '@testing-library/react-native';

import { platform } from '../app/platform';
import { json, renderView } from '../testing/render';
import { AccountData } from './AccountData';

const usageToday = { lectures: 3, audioSec: 3720, resetsAt: '2026-11-13T00:00:00Z' };
const holdings = { courses: 2, lectures: 14, storageBytes: 61_200_000 };
const me = (dailyLimits: object | null = { lectures: 20, audioSec: 36_000 }) => json({ operator: false, usageToday, dailyLimits, holdings });
const copy = (status: string, more = {}) => ({ exportId: 'e', status, createdAt: '', expiresAt: '2026-11-20T12:00:00Z', parts: [], ...more });

test('what is stored, and what is left of the limits of a day', async () => {
  const { settled } = renderView(<AccountData />, { answers: { '/me': me() } });
  expect(await screen.findByText('14 lectures, 61 MB')).toBeTruthy();
  expect(screen.getByText('3 of 20')).toBeTruthy();
  expect(screen.getByText('1:02:00 of 10:00:00')).toBeTruthy();
  await settled();
});

test('an operator is led to what failed, others are not', async () => {
  const operator = json({ operator: true, usageToday, dailyLimits: null, holdings });
  const { went, settled } = renderView(<AccountData />, { answers: { '/me': operator } });
  await userEvent.press(await screen.findByText('Operation'));
  expect(went).toEqual(['/operator']);
  await settled();
  screen.unmount();
  const other = renderView(<AccountData />, { answers: { '/me': me() } });
  expect(await screen.findByText('3 of 20')).toBeTruthy();
  expect(screen.queryByText('Operation')).toBeNull();
  await other.settled();
});

test('without limits only what was used is shown', async () => {
  const { settled } = renderView(<AccountData />, { answers: { '/me': me(null) } });
  expect(await screen.findByText('1:02:00')).toBeTruthy();
  await settled();
});

test('a copy is made and downloaded by an address that is asked for with the press', async () => {
  const download = jest.spyOn(platform, 'download').mockImplementation(() => undefined);
  let asked = 0;
  const read = () => {
    asked += 1;
    return json(copy('ready', { parts: [{ name: 'account.zip', sizeBytes: 1, sha256: '', url: `https://files.test/${asked}` }] }))();
  };
  const { settled } = renderView(<AccountData />, {
    answers: { '/me': me(), 'POST /me/exports': json(copy('queued'), 202), '/me/exports/e': read },
  });
  await userEvent.press(await screen.findByText('Have a copy made of everything'));
  expect(await screen.findByText('Your copy is ready until Nov 20, 2026')).toBeTruthy();
  const before = asked;
  await userEvent.press(screen.getByText('Download account.zip'));
  await settled();
  expect(download).toHaveBeenCalledWith(`https://files.test/${before + 1}`);
  download.mockRestore();
});

test('a copy that failed can be asked for again', async () => {
  const { settled } = renderView(<AccountData />, {
    answers: { '/me': me(), 'POST /me/exports': json(copy('queued'), 202), '/me/exports/e': json(copy('failed')) },
  });
  await userEvent.press(await screen.findByText('Have a copy made of everything'));
  expect(await screen.findByText('The copy could not be made. Please try again.')).toBeTruthy();
  expect(screen.getByText('Have a copy made of everything')).toBeTruthy();
  await settled();
});

test.each([
  ['pending', /What is left is deleted in the next minutes. Number of the receipt: r/],
  ['completed', /^Number of the receipt: r$/],
])('everything is deleted when that was confirmed: %s', async (status, said) => {
  const remove = jest.fn(json({ receiptId: 'r', status, requestedAt: '', completedAt: null, courses: 2, lectures: 14 }));
  const { settled } = renderView(<AccountData />, { answers: { '/me': me(), 'DELETE /me': remove } });
  await userEvent.press(await screen.findByText('Delete everything on the server'));
  expect(remove).not.toHaveBeenCalled();
  await userEvent.press(screen.getByText('Delete everything'));
  expect(await screen.findByText('Everything was deleted')).toBeTruthy();
  expect(screen.getByText(said)).toBeTruthy();
  expect(remove).toHaveBeenCalledTimes(1);
  await settled();
});
