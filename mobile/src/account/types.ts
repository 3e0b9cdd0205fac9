import type { Schema } from '../api/client';

/** How users sign in at an installation: `signIn` of `GET /config`. */
export type SignIn = NonNullable<Schema<'ConfigResponse'>['signIn']>;

export interface User {
  readonly id: string;
  readonly email: string | null;
  readonly emailVerified: boolean;
}

export type SignInCode =
  | 'wrong_credentials'
  | 'email_taken'
  | 'email_invalid'
  | 'password_weak'
  | 'password_missing'
  | 'too_many_attempts'
  | 'disabled'
  | 'network'
  | 'unknown';

/** The service that users sign in at did not do what was asked. */
export class SignInError extends Error {
  override readonly name = 'SignInError';

  constructor(readonly code: SignInCode) {
    super(code);
  }
}

/** Who is signed in on this device, kept by the service's own client. Its methods raise `SignInError`. */
export interface Session {
  readonly user: () => User | null;
  readonly subscribe: (changed: () => void) => () => void;
  /** An ID token of the user; `fresh` if the last one was not accepted. Null without a user. */
  token(fresh: boolean): Promise<string | null>;
  signIn(email: string, password: string): Promise<void>;
  /** Makes an account and sends the e-mail that confirms its address. */
  register(email: string, password: string): Promise<void>;
  sendPasswordReset(email: string): Promise<void>;
  sendConfirmation(): Promise<void>;
  /** Asks the service again whether the address is confirmed. */
  refresh(): Promise<void>;
  signOut(): Promise<void>;
}
