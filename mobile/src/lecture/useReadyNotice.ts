import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import type { Progress } from '../api/client';
import { notices } from '../app/notices';
import { isOver } from './follow';

/** Notifies when a lecture that was in progress here is completed or has failed. */
export function useReadyNotice(title: string, progress: Progress | null): void {
  const { t } = useTranslation();
  const watched = useRef(false);
  const status = progress?.overallStatus;
  const over = progress !== null && isOver(progress);
  useEffect(() => {
    if (status === undefined) return;
    if (!over) {
      watched.current = true;
    } else if (watched.current) {
      watched.current = false;
      notices.show(status === 'completed' ? t('lecture.ready') : t('lecture.failed'), title);
    }
  }, [status, over, title, t]);
}
