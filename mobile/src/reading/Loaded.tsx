import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiProblem, NetworkFailure } from '../api/problem';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { EmptyState } from '../design/EmptyState';
import { Skeleton } from '../design/Skeleton';

export interface Props<Data> {
  readonly query: UseQueryResult<Data>;
  readonly loading: string;
  /** What is said where there is none. */
  readonly missing: string;
  readonly children: (data: Data) => ReactNode;
}

/** What was asked for; until then, or without it, why it is not shown and what can be done. */
export function Loaded<Data>({ query, loading, missing, children }: Props<Data>) {
  const { t } = useTranslation();
  const { data, error } = query;
  if (data !== undefined) return <>{children(data)}</>;
  if (error === null) return <Skeleton label={loading} rows={4} />;
  if (error instanceof ApiProblem && error.status === 404) return <EmptyState title={missing} />;
  if (error instanceof ApiProblem && error.status === 410) return <EmptyState title={messageOf(t, error)} />;
  const isUnreachable = error instanceof NetworkFailure;
  return (
    <Banner
      kind={isUnreachable ? 'warning' : 'error'}
      title={isUnreachable ? t('common.offline') : t('errors.title')}
      detail={messageOf(t, error)}
      action={{ label: t('common.retry'), onPress: () => void query.refetch(), busy: query.isFetching }}
    />
  );
}
