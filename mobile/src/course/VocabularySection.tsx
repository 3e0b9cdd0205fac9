import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import { messageOf } from '../app/messages';
import { Button } from '../design/Button';
import { Sheet } from '../design/Sheet';
import { Text } from '../design/Text';
import { space } from '../design/tokens';
import { Loaded } from '../reading/Loaded';
import { useForgetVocabulary, useVocabulary } from './queries';

/** The words that help to recognize the next lectures; they can be forgotten. */
export function VocabularySection({ courseId }: { courseId: string }) {
  const { t } = useTranslation();
  const query = useVocabulary(courseId);
  return (
    <View style={styles.part}>
      <Text as="heading" level={2}>
        {t('manage.vocabulary')}
      </Text>
      <Loaded query={query} loading={t('manage.loadingCourse')} missing={t('manage.vocabularyNone')}>
        {({ terms }) =>
          terms.length === 0 ? (
            <Text tone="soft">{t('manage.vocabularyNone')}</Text>
          ) : (
            <>
              <Text tone="soft">{t('manage.vocabularyDetail')}</Text>
              <Text as="reading">{terms.join(' · ')}</Text>
              <Forget courseId={courseId} />
            </>
          )
        }
      </Loaded>
    </View>
  );
}

function Forget({ courseId }: { courseId: string }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const forget = useForgetVocabulary(courseId);
  return (
    <View style={styles.action}>
      <Button label={t('manage.forget')} onPress={() => setAsking(true)} />
      <Sheet title={t('manage.forgetTitle')} closeLabel={t('common.close')} visible={asking} onClose={() => setAsking(false)}>
        <Text>{t('manage.forgetDetail')}</Text>
        {forget.isError ? (
          <Text tone="record" urgent>
            {messageOf(t, forget.error)}
          </Text>
        ) : null}
        <Button
          kind="danger"
          label={t('manage.forget')}
          busy={forget.isPending}
          onPress={() => forget.mutate(undefined, { onSuccess: () => setAsking(false) })}
        />
        <Button label={t('common.cancel')} onPress={() => setAsking(false)} />
      </Sheet>
    </View>
  );
}

const styles = StyleSheet.create({
  part: { gap: space.m },
  action: { alignItems: 'flex-start' },
});
