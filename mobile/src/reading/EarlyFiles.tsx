import { useTranslation } from 'react-i18next';

import { Card } from '../design/Card';
import { Text } from '../design/Text';
import FilesView from './FilesView';
import type { ViewProps } from './Reading';

/** The files of the transcript, while the study material is still being made. */
export default function EarlyFiles({ lecture }: ViewProps) {
  const { t } = useTranslation();
  return (
    <Card>
      <Text as="label">{t('reading.files')}</Text>
      <FilesView lecture={lecture} />
    </Card>
  );
}
