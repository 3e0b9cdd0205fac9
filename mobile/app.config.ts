import type { ConfigContext, ExpoConfig } from 'expo/config';

import packageJson from './package.json';

/** Address of the API in the build. Empty on the web: the API serves the page from its own origin. */
const apiBaseUrl = process.env.API_BASE_URL ?? '';

const microphone = 'Pegasus records your lectures to transcribe them.';

export default ({ config }: ConfigContext): ExpoConfig => ({
  ...config,
  name: 'Pegasus',
  slug: 'pegasus',
  scheme: 'pegasus',
  version: packageJson.version,
  orientation: 'default',
  userInterfaceStyle: 'automatic',
  icon: './assets/icon.png',
  backgroundColor: '#faf8f4',
  ios: {
    bundleIdentifier: process.env.IOS_BUNDLE_IDENTIFIER ?? 'app.pegasus.mobile',
    supportsTablet: true,
    infoPlist: { ITSAppUsesNonExemptEncryption: false },
  },
  android: {
    package: process.env.ANDROID_PACKAGE ?? 'app.pegasus.mobile',
    permissions: ['android.permission.POST_NOTIFICATIONS'],
    // Asked for by libraries; nothing here uses them.
    blockedPermissions: [
      'android.permission.READ_EXTERNAL_STORAGE',
      'android.permission.SYSTEM_ALERT_WINDOW',
      'android.permission.VIBRATE',
      'android.permission.WRITE_EXTERNAL_STORAGE',
    ],
    adaptiveIcon: { foregroundImage: './assets/adaptive-icon.png', backgroundColor: '#1f6683' },
  },
  web: { bundler: 'metro', output: 'single', name: 'Pegasus', lang: 'en' },
  plugins: [
    ['expo-audio', { microphonePermission: microphone, enableBackgroundRecording: true }],
    ['expo-localization', { supportsRTL: true }],
  ],
  experiments: { baseUrl: '/app' },
  extra: { apiBaseUrl },
});
