import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { type Schema, dataOf } from '../api/client';
import { useServices } from '../app/Services';
import { messageOf } from '../app/messages';
import { Banner } from '../design/Banner';
import { Button } from '../design/Button';
import { Card } from '../design/Card';
import { CitationChip } from '../design/CitationChip';
import { EmptyState } from '../design/EmptyState';
import { Screen } from '../design/Screen';
import { Skeleton } from '../design/Skeleton';
import { Text } from '../design/Text';
import { TextField } from '../design/TextField';
import { usePalette } from '../design/theme';
import { clock } from '../i18n/format';
import { useCourses } from '../library/queries';
import { useHistory } from '../navigation/Navigation';
import { partsOf, secondOf } from './excerpt';

const PAGE = 20;
const LEAST_LETTERS = 2;
/** After the last key. */
const PAUSE_MS = 300;

/** Search over everything that was said; a hit opens its lecture and plays from there. */
export default function SearchScreen() {
  const { t } = useTranslation();
  const history = useHistory();
  const [words, setWords] = useState('');
  const q = useSettled(words.trim(), PAUSE_MS);
  const found = useSearch(q);
  const hits = found.data?.pages.flatMap((page) => page.hits) ?? [];
  return (
    <Screen
      title={t('search.title')}
      back={{ label: t('common.back'), onPress: () => history.back({ name: 'library' }) }}
    >
      <TextField
        label={t('search.words')}
        help={t('search.help')}
        value={words}
        onChangeText={setWords}
        autoFocus
        autoCapitalize="none"
        inputMode="search"
      />
      {found.isError ? (
        <Banner
          kind="error"
          title={t('errors.title')}
          detail={messageOf(t, found.error)}
          action={{ label: t('common.retry'), onPress: () => void found.refetch(), busy: found.isFetching }}
        />
      ) : null}
      {found.isLoading ? <Skeleton label={t('search.searching')} /> : null}
      {found.isSuccess && q.length >= LEAST_LETTERS ? (
        <>
          <Text as="caption" tone="soft" aria-live="polite">
            {t('search.hits', { count: found.data.pages[0]?.pagination.total ?? hits.length })}
          </Text>
          {hits.length === 0 ? <EmptyState title={t('search.none')} detail={t('search.noneDetail')} /> : null}
          {hits.map((hit) => (
            <Hit key={`${hit.lectureId}-${hit.startSec}`} hit={hit} />
          ))}
          {found.hasNextPage ? (
            <Button label={t('search.more')} busy={found.isFetchingNextPage} onPress={() => void found.fetchNextPage()} />
          ) : null}
        </>
      ) : null}
    </Screen>
  );
}

function useSearch(q: string) {
  const { api } = useServices();
  return useInfiniteQuery({
    queryKey: [api.baseUrl, 'search', q],
    enabled: q.length >= LEAST_LETTERS,
    placeholderData: keepPreviousData,
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.client.POST('/search', { body: { q, limit: PAGE, offset: pageParam }, signal }), api.clock.now()),
    getNextPageParam: ({ hits, pagination }, _, offset) =>
      hits.length > 0 && offset + hits.length < pagination.total ? offset + hits.length : null,
  });
}

function Hit({ hit }: { hit: Schema<'SearchHit'> }) {
  const { t } = useTranslation();
  const history = useHistory();
  const palette = usePalette();
  const courses = useCourses();
  const course = courses.data?.pages.flatMap((page) => page.courses).find(({ courseId }) => courseId === hit.courseId);
  const at = secondOf(hit);
  return (
    <Card>
      <View>
        <Text as="label">{hit.title ?? t('common.untitled')}</Text>
        <Text as="caption" tone="soft">
          {course?.title ?? hit.courseId}
        </Text>
      </View>
      <Text as="reading">
        {partsOf(hit.excerpt, hit.highlights).map(({ text, found }, index) =>
          found ? (
            <Text as="reading" key={index} tone="mark" style={[styles.found, { backgroundColor: palette.markSoft }]}>
              {text}
            </Text>
          ) : (
            text
          ),
        )}
      </Text>
      <View style={styles.action}>
        <CitationChip
          time={clock(at)}
          label={t('player.playFrom', { time: clock(at), quote: hit.title ?? t('common.untitled') })}
          onPress={() => history.push({ name: 'lecture', lectureId: hit.lectureId, at: Math.floor(at) })}
        />
      </View>
    </Card>
  );
}

/** A value once it has not changed for a while. */
function useSettled(value: string, pauseMs: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pauseMs);
    return () => clearTimeout(timer);
  }, [value, pauseMs]);
  return settled;
}

const styles = StyleSheet.create({
  found: { fontWeight: '700' },
  action: { alignItems: 'flex-start' },
});
