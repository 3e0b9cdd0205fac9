export type Permission = 'given' | 'refused' | 'open';

export interface Notices {
  permission(): Permission;
  ask(): Promise<Permission>;
  /** Nothing is shown without the permission, nor while the app is in view. */
  show(title: string, body: string): void;
}
