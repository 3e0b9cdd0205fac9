import AsyncStorage from '@react-native-async-storage/async-storage';
import { fireEvent, screen, waitFor } from '@testing-library/react-native';

import { NetworkFailure } from '../api/problem';
import { Text } from '../design/Text';
import { languages } from '../i18n';
import { renderView } from '../testing/render';
import { translations } from '../testing/translations';
import { fakeDevice } from '../testing/device';
import { Account } from './account';
import { AccountGate } from './AccountGate';
import { AccountSection } from './AccountSection';
import { FakeSession, alice, signIn } from './testing';
import type { SignIn } from './types';

async function accountOf(session: FakeSession, now: SignIn | null | Error = signIn): Promise<Account> {
  const account = new Account();
  await account.connect({
    read: async () => {
      if (now instanceof Error) throw now;
      return now;
    },
    remembered: async () => undefined,
    remember: async () => undefined,
    open: async () => session,
  });
  return account;
}

const inside = <Text>the app</Text>;
const gate = (account: Account, device: ReturnType<typeof fakeDevice> | null = null, onRetry = jest.fn()) => (
  <AccountGate account={account} device={device} onRetry={onRetry}>
    {inside}
  </AccountGate>
);

beforeEach(() => AsyncStorage.clear());

test('the app is shown where no sign-in is required', async () => {
  renderView(gate(await accountOf(new FakeSession(), null)));
  expect(screen.getByText('the app')).toBeTruthy();
});

test.each(languages)('who signs in sees the app (%s)', async (language) => {
  const session = new FakeSession();
  renderView(gate(await accountOf(session)), { language });
  const { email, password } = translations[language].account;
  fireEvent.changeText(await screen.findByLabelText(email), ' alice@pegasus.example ');
  fireEvent.changeText(screen.getByLabelText(password), 'secret');
  fireEvent(screen.getByLabelText(password), 'submitEditing');
  await screen.findByText('the app');
  expect(session.asked).toEqual(['sign in alice@pegasus.example secret']);
});

test.each([
  ['wrong_credentials', 'This address and password do not belong together.'],
  ['email_invalid', 'Please enter a complete e-mail address.'],
  ['password_missing', 'Please enter the password.'],
  ['network', 'The sign-in service cannot be reached. Check the connection.'],
  ['unknown', 'Signing in did not work. Please try again.'],
] as const)('a refusal is in words: %s', async (code, words) => {
  const session = new FakeSession();
  session.failing = code;
  renderView(gate(await accountOf(session)));
  fireEvent.press(await screen.findByRole('button', { name: 'Sign in' }));
  expect(await screen.findByText(words)).toBeTruthy();
  expect(screen.queryByText('the app')).toBeNull();
});

test('an account is made', async () => {
  const session = new FakeSession();
  renderView(gate(await accountOf(session)));
  fireEvent.press(await screen.findByRole('button', { name: 'Create an account' }));
  fireEvent.changeText(screen.getByLabelText('E-mail address'), 'bob@pegasus.example');
  fireEvent.changeText(screen.getByLabelText('Password'), 'long enough');
  fireEvent.press(screen.getByRole('button', { name: 'Create account' }));
  await screen.findByText('the app');
  expect(session.asked).toEqual(['register bob@pegasus.example long enough']);
});

test.each([null, 'wrong_credentials'] as const)(
  'a link for another password is promised whether or not there is such an account (%s)',
  async (failing) => {
    const session = new FakeSession();
    session.failing = failing;
    renderView(gate(await accountOf(session)));
    fireEvent.press(await screen.findByRole('button', { name: 'Forgot the password?' }));
    fireEvent.changeText(screen.getByLabelText('E-mail address'), 'eve@pegasus.example');
    fireEvent.press(screen.getByRole('button', { name: 'Send the link' }));
    expect(await screen.findByText(/If eve@pegasus.example has an account/)).toBeTruthy();
  },
);

test('a server that cannot be reached is asked again', async () => {
  const retry = jest.fn();
  renderView(gate(await accountOf(new FakeSession(), new NetworkFailure('lost')), null, retry));
  fireEvent.press(screen.getByRole('button', { name: 'Try again' }));
  expect(retry).toHaveBeenCalled();
});

test('recordings of another account are not shown, and deleted only if that is wished', async () => {
  await AsyncStorage.setItem('pegasus.user', 'bob');
  const device = fakeDevice({ recordings: 2 });
  const session = new FakeSession(alice);
  renderView(gate(await accountOf(session), device));
  expect(await screen.findByText('This device holds 2 recordings of another account.')).toBeTruthy();
  expect(screen.queryByText('the app')).toBeNull();
  expect(device.recordings.get()).toHaveLength(2);

  fireEvent.press(screen.getByRole('button', { name: 'Delete the recordings' }));

  await screen.findByText('the app');
  expect(device.recordings.get()).toHaveLength(0);
  expect(await AsyncStorage.getItem('pegasus.user')).toBe('alice');
});

test('a user with recordings on this device can sign in for them', async () => {
  await AsyncStorage.setItem('pegasus.user', 'bob');
  const session = new FakeSession(alice);
  const device = fakeDevice({ recordings: 1 });
  renderView(gate(await accountOf(session), device));
  fireEvent.press(await screen.findByRole('button', { name: 'Sign in with the other account' }));
  await screen.findByRole('button', { name: 'Sign in' });
  expect(device.recordings.get()).toHaveLength(1);
});

describe('the settings', () => {
  test('signing out says what is lost and leaves nothing on the device', async () => {
    await AsyncStorage.setItem('pegasus.user', 'alice');
    const session = new FakeSession(alice);
    const device = fakeDevice({ recordings: 1 });
    renderView(<AccountSection />, { account: await accountOf(session), device });
    expect(screen.getByText('alice@pegasus.example')).toBeTruthy();
    fireEvent.press(screen.getByRole('button', { name: 'Sign out' }));
    expect(screen.getByText(/1 recording is on this device alone/)).toBeTruthy();

    fireEvent.press(screen.getByRole('button', { name: 'Delete and sign out' }));

    await waitFor(() => expect(session.asked).toEqual(['sign out']));
    expect(device.recordings.get()).toHaveLength(0);
    expect(await AsyncStorage.getItem('pegasus.user')).toBeNull();
  });

  test('an address that is not confirmed can be confirmed', async () => {
    const session = new FakeSession({ ...alice, emailVerified: false });
    renderView(<AccountSection />, { account: await accountOf(session) });
    fireEvent.press(screen.getByRole('button', { name: 'Send it again' }));
    await waitFor(() => expect(session.asked).toEqual(['confirm']));
    fireEvent.press(screen.getByRole('button', { name: 'I have confirmed it' }));
    await waitFor(() => expect(screen.queryByText('Please confirm your e-mail address')).toBeNull());
  });

  test('nothing is shown where no sign-in is required', async () => {
    renderView(<AccountSection />, { account: await accountOf(new FakeSession(), null) });
    expect(screen.queryByRole('button')).toBeNull();
  });
});
