import { deleteApp, initializeApp } from '@firebase/app';
import {
  type User as FirebaseUser,
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  initializeAuth,
  onIdTokenChanged,
  sendEmailVerification,
  sendPasswordResetEmail,
  signInWithEmailAndPassword,
  signOut,
} from '@firebase/auth';

import { NetworkFailure } from '../api/problem';
import { Observable } from '../app/observable';
import { persistence } from './persistence';
import { type Session, type SignIn, type SignInCode, SignInError, type User } from './types';

const CODES: Record<string, SignInCode> = {
  'auth/invalid-credential': 'wrong_credentials',
  'auth/wrong-password': 'wrong_credentials',
  'auth/user-not-found': 'wrong_credentials',
  'auth/email-already-in-use': 'email_taken',
  'auth/invalid-email': 'email_invalid',
  'auth/missing-email': 'email_invalid',
  'auth/weak-password': 'password_weak',
  'auth/password-does-not-meet-requirements': 'password_weak',
  'auth/missing-password': 'password_missing',
  'auth/too-many-requests': 'too_many_attempts',
  'auth/user-disabled': 'disabled',
  'auth/network-request-failed': 'network',
};
let opened = 0;

/** The session of an installation's users at Firebase Authentication or Identity Platform. */
export async function openSession(signIn: SignIn): Promise<Session> {
  opened += 1;
  // An app of its own for each server that the user names. Sessions are kept by key and name.
  const name = opened === 1 ? '[DEFAULT]' : `server-${opened}`;
  const app = initializeApp({ apiKey: signIn.apiKey ?? '', projectId: signIn.projectId }, name);
  const auth = initializeAuth(app, { persistence });
  if (signIn.emulatorUrl !== null) connectAuthEmulator(auth, signIn.emulatorUrl, { disableWarnings: true });
  const user = new Observable<User | null>(null);
  const show = (found: FirebaseUser | null) => user.set(found === null ? null : userOf(found));
  onIdTokenChanged(auth, show);
  try {
    await auth.authStateReady();
  } catch (error) {
    await deleteApp(app);
    throw failureOf(error);
  }
  show(auth.currentUser);
  return {
    user: user.get,
    subscribe: user.subscribe,
    async token(fresh) {
      try {
        return (await auth.currentUser?.getIdToken(fresh)) ?? null;
      } catch (error) {
        const failure = failureOf(error);
        if (failure.code === 'network') throw new NetworkFailure(failure.message);
        // The account is gone, or its session was ended elsewhere.
        await signOut(auth);
        return null;
      }
    },
    signIn: (email, password) => asked(() => signInWithEmailAndPassword(auth, email, password)),
    register: (email, password) =>
      asked(async () => {
        const made = await createUserWithEmailAndPassword(auth, email, password);
        await sendEmailVerification(made.user);
      }),
    sendPasswordReset: (email) => asked(() => sendPasswordResetEmail(auth, email)),
    sendConfirmation: () => asked(async () => auth.currentUser && sendEmailVerification(auth.currentUser)),
    refresh: () =>
      asked(async () => {
        await auth.currentUser?.reload();
        // The token says whether the address is confirmed, and the server reads the token.
        await auth.currentUser?.getIdToken(true);
        show(auth.currentUser);
      }),
    signOut: () => asked(() => signOut(auth)),
  };
}

const userOf = (user: FirebaseUser): User => ({ id: user.uid, email: user.email, emailVerified: user.emailVerified });

async function asked(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    throw failureOf(error);
  }
}

function failureOf(error: unknown): SignInError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return new SignInError(CODES[code] ?? 'unknown');
}
