import { NetworkFailure } from '../api/problem';
import { Account, type Ports } from './account';
import { FakeSession, alice, signIn } from './testing';
import type { SignIn } from './types';

function ports(given: { now: SignIn | null | Error; before?: SignIn | null }, session = new FakeSession()) {
  const opened: SignIn[] = [];
  let kept = given.before;
  const made: Ports = {
    read: async () => {
      if (given.now instanceof Error) throw given.now;
      return given.now;
    },
    remembered: async () => kept,
    remember: async (value) => {
      kept = value;
    },
    open: async (value) => {
      opened.push(value);
      return session;
    },
  };
  return { made, session, opened, kept: () => kept };
}

const lost = new NetworkFailure('lost');

test('a server that requires no sign-in is used without a token', async () => {
  const account = new Account();
  const { made, opened } = ports({ now: null });
  await account.connect(made);
  expect(account.get().kind).toBe('not_needed');
  expect(await account.token(false)).toBeNull();
  expect(opened).toEqual([]);
});

test('a server that says nothing of how to sign in cannot be used', async () => {
  const account = new Account();
  await account.connect(ports({ now: { ...signIn, apiKey: null } }).made);
  expect(account.get().kind).toBe('not_possible');
});

test('who is signed in has a token, and who signs out has none', async () => {
  const account = new Account();
  const { made, session } = ports({ now: signIn }, new FakeSession(alice));
  await account.connect(made);
  expect(account.get()).toMatchObject({ kind: 'signed_in', user: alice });
  expect([await account.token(false), await account.token(true)]).toEqual(['token', 'fresh']);

  await session.signOut();

  expect(account.get().kind).toBe('signed_out');
  expect(await account.token(false)).toBeNull();
});

test('without a network what is remembered counts', async () => {
  const account = new Account();
  await account.connect(ports({ now: lost, before: signIn }, new FakeSession(alice)).made);
  expect(account.get().kind).toBe('signed_in');

  const local = new Account();
  await local.connect(ports({ now: lost, before: null }).made);
  expect(local.get().kind).toBe('not_needed');
});

test('without a network and a memory nothing is sent', async () => {
  const account = new Account();
  await account.connect(ports({ now: lost }).made);
  expect(account.get()).toEqual({ kind: 'unreachable', failure: lost });
  await expect(account.token(false)).rejects.toBeInstanceOf(NetworkFailure);
});

test('a server that has changed is used as it is now, and remembered', async () => {
  const account = new Account();
  const { made, kept, opened } = ports({ now: signIn, before: null }, new FakeSession(alice));
  await account.connect(made);
  expect(account.get().kind).toBe('signed_in');
  expect(kept()).toEqual(signIn);
  expect(opened).toEqual([signIn]);
});

test('a session that cannot be opened is told, and can be tried again', async () => {
  const account = new Account();
  const { made } = ports({ now: signIn, before: signIn });
  const failure = new Error('The code could not be loaded.');
  await account.connect({ ...made, open: () => Promise.reject(failure) });
  expect(account.get()).toEqual({ kind: 'unreachable', failure });
  await expect(account.token(false)).rejects.toBeInstanceOf(NetworkFailure);

  await account.connect(made);

  expect(account.get().kind).toBe('signed_out');
});

test('a session that is known is not opened twice', async () => {
  const { made, opened } = ports({ now: { ...signIn }, before: signIn });
  await new Account().connect(made);
  expect(opened).toEqual([signIn]);
});

test('a request that comes early waits until it is known who sends it', async () => {
  const account = new Account();
  const token = account.token(false);
  await account.connect(ports({ now: signIn }, new FakeSession(alice)).made);
  expect(await token).toBe('token');
});

test('of the server before nothing is heard any more', async () => {
  const account = new Account();
  const before = ports({ now: signIn }, new FakeSession(alice));
  await account.connect(before.made);
  await account.connect(ports({ now: null }).made);
  await before.session.signOut();
  expect(account.get().kind).toBe('not_needed');
});

test('a server that answers late does not replace the one that was chosen meanwhile', async () => {
  const account = new Account();
  let answer: (value: SignIn | null) => void = () => undefined;
  const late = ports({ now: null });
  const slow = account.connect({ ...late.made, read: () => new Promise((resolve) => (answer = resolve)) });
  await account.connect(ports({ now: signIn }, new FakeSession(alice)).made);
  answer(null);
  await slow;
  expect(account.get().kind).toBe('signed_in');
});
