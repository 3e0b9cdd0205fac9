import { useTranslation } from 'react-i18next';

import { Text } from '../design/Text';
import { sentencesOf } from './days';
import { useRetention, useServerRetention } from './queries';

/** Before an upload: what of it is kept until when. `courseId` is null for a course that is made with it. */
export function RetentionNote({ courseId }: { courseId: string | null }) {
  const { t } = useTranslation();
  const own = useRetention(courseId);
  const server = useServerRetention();
  const days = own.data?.inForce ?? (own.isPending && courseId !== null ? undefined : server.data);
  if (days === undefined) return null;
  return (
    <Text as="caption" tone="soft" aria-live="polite">
      {sentencesOf(t, days).join(' ')}
    </Text>
  );
}
