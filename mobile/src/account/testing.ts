import { Observable } from '../app/observable';
import { type Session, type SignIn, type SignInCode, SignInError, type User } from './types';

export const signIn: SignIn = {
  provider: 'identity-platform',
  projectId: 'pegasus-test',
  apiKey: 'key',
  emulatorUrl: null,
};
export const alice: User = { id: 'alice', email: 'alice@pegasus.example', emailVerified: true };

/** A session whose service answers as told, and what it was asked. */
export class FakeSession implements Session {
  readonly asked: string[] = [];
  failing: SignInCode | null = null;
  private readonly who: Observable<User | null>;
  readonly user;
  readonly subscribe;

  constructor(user: User | null = null) {
    this.who = new Observable(user);
    this.user = this.who.get;
    this.subscribe = this.who.subscribe;
  }

  token = async (fresh: boolean) => (this.who.get() === null ? null : fresh ? 'fresh' : 'token');
  signIn = (email: string, password: string) => this.ask(`sign in ${email} ${password}`, { ...alice, email });
  register = (email: string, password: string) =>
    this.ask(`register ${email} ${password}`, { ...alice, email, emailVerified: false });
  sendPasswordReset = (email: string) => this.ask(`reset ${email}`);
  sendConfirmation = () => this.ask('confirm');
  refresh = () => this.ask('refresh', { ...alice, emailVerified: true });
  signOut = () => this.ask('sign out', null);

  private async ask(what: string, then?: User | null): Promise<void> {
    this.asked.push(what);
    if (this.failing !== null) throw new SignInError(this.failing);
    if (then !== undefined) this.who.set(then);
  }
}
