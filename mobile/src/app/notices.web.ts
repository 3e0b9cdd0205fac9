import type { Notices, Permission } from './notices.types';

const supported = 'Notification' in window;

const PERMISSIONS: Record<NotificationPermission, Permission> = { granted: 'given', denied: 'refused', default: 'open' };

const permission = (): Permission => (supported ? PERMISSIONS[Notification.permission] : 'refused');

/** Notifications of the browser, while the page is open. */
export const notices: Notices = {
  permission,
  async ask() {
    if (supported) await Notification.requestPermission();
    return permission();
  },
  show(title, body) {
    if (permission() !== 'given' || document.visibilityState === 'visible') return;
    try {
      new Notification(title, { body });
    } catch {
      // Chromium on Android notifies from service workers only.
    }
  },
};
