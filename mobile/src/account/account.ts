import { NetworkFailure } from '../api/problem';
import { Observable } from '../app/observable';
import type { Session, SignIn, User } from './types';

export type AccountState =
  | { readonly kind: 'opening' }
  /** Whether users sign in is not known, or the client that they sign in with could not be loaded. */
  | { readonly kind: 'unreachable'; readonly failure: unknown }
  /** The server requires no sign-in. */
  | { readonly kind: 'not_needed' }
  /** It does, and does not say how. */
  | { readonly kind: 'not_possible' }
  | { readonly kind: 'signed_out'; readonly session: Session }
  | { readonly kind: 'signed_in'; readonly session: Session; readonly user: User };

export interface Ports {
  /** `signIn` of the server's configuration. */
  read(): Promise<SignIn | null>;
  /** As it was read last; undefined if it never was. */
  remembered(): Promise<SignIn | null | undefined>;
  remember(signIn: SignIn | null): Promise<void>;
  open(signIn: SignIn): Promise<Session>;
}

/** Whether and as whom this device may use a server. */
export class Account {
  private readonly state = new Observable<AccountState>({ kind: 'opening' });
  private leave: () => void = () => undefined;
  /** Of a server before this one nothing is heard any more. */
  private turn = 0;

  readonly get = this.state.get;
  readonly subscribe = this.state.subscribe;

  /** To a server. What is remembered counts until it has answered, so that the app opens without a network. */
  async connect(ports: Ports): Promise<void> {
    this.turn += 1;
    const turn = this.turn;
    this.leave();
    this.state.set({ kind: 'opening' });
    const remembered = await ports.remembered();
    if (remembered !== undefined) await this.use(remembered, ports, turn);
    let current: SignIn | null;
    try {
      current = await ports.read();
    } catch (failure) {
      if (remembered === undefined && turn === this.turn) this.state.set({ kind: 'unreachable', failure });
      return;
    }
    if (turn !== this.turn) return;
    await ports.remember(current);
    if (remembered === undefined || JSON.stringify(remembered) !== JSON.stringify(current)) {
      await this.use(current, ports, turn);
    }
  }

  /** The signed-in user's token, once the session is known. Raises `NetworkFailure`. */
  readonly token = async (fresh: boolean): Promise<string | null> => {
    const state = await this.known();
    if (state.kind === 'unreachable') throw new NetworkFailure('Whether users sign in is not known.');
    return state.kind === 'signed_in' ? state.session.token(fresh) : null;
  };

  private async use(signIn: SignIn | null, ports: Ports, turn: number): Promise<void> {
    if (signIn === null || signIn.apiKey === null) {
      if (turn === this.turn) this.state.set({ kind: signIn === null ? 'not_needed' : 'not_possible' });
      return;
    }
    let session: Session;
    try {
      session = await ports.open(signIn);
    } catch (failure) {
      if (turn === this.turn) this.state.set({ kind: 'unreachable', failure });
      return;
    }
    if (turn !== this.turn) return;
    const show = () => {
      const user = session.user();
      this.state.set(user === null ? { kind: 'signed_out', session } : { kind: 'signed_in', session, user });
    };
    this.leave();
    this.leave = session.subscribe(show);
    show();
  }

  private known(): Promise<AccountState> {
    return new Promise((resolve) => {
      const look = () => {
        const state = this.state.get();
        if (state.kind === 'opening') return;
        stop();
        resolve(state);
      };
      const stop = this.state.subscribe(look);
      look();
    });
  }
}
