import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { notices } from '../app/notices';
import { Button } from '../design/Button';
import { Text } from '../design/Text';

/** Asks for the permission to notify, where it was neither given nor refused. */
export function NotifyButton() {
  const { t } = useTranslation();
  const [permission, setPermission] = useState(notices.permission());
  if (permission === 'refused') return null;
  if (permission === 'given') {
    return (
      <Text as="caption" tone="soft">
        {t('lecture.notified')}
      </Text>
    );
  }
  return <Button label={t('lecture.notify')} onPress={() => void notices.ask().then(setPermission)} />;
}
