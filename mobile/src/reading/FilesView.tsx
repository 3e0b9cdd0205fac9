import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { StyleSheet, View } from 'react-native';

import type { Schema } from '../api/client';
import { signedAddress } from '../api/signedAddress';
import { useServices } from '../app/Services';
import { messageOf } from '../app/messages';
import { platform } from '../app/platform';
import { Button } from '../design/Button';
import { Text } from '../design/Text';
import { usePalette } from '../design/theme';
import { space } from '../design/tokens';
import { fileSize } from '../i18n/format';
import { Loaded } from './Loaded';
import type { ViewProps } from './Reading';
import { useExports } from './queries';

type ExportRecord = Schema<'ExportRecord'>;

const KNOWN = ['markdown', 'pdf', 'docx', 'anki', 'anki-csv', 'srt', 'vtt', 'txt', 'json', 'zip'] as const;
type Known = (typeof KNOWN)[number];

const isKnown = (type: string): type is Known => (KNOWN as readonly string[]).includes(type);

const rank = ({ type }: ExportRecord) => (isKnown(type) ? ORDER.indexOf(type) : ORDER.length);
/** What most people look for comes first. */
const ORDER: readonly Known[] = ['pdf', 'anki', 'docx', 'markdown', 'txt', 'anki-csv', 'srt', 'vtt', 'json', 'zip'];

export default function FilesView({ lecture }: ViewProps) {
  const { t } = useTranslation();
  const query = useExports(lecture.lectureId);
  return (
    <Loaded query={query} loading={t('reading.loading')} missing={t('reading.noFiles')}>
      {({ exports }) =>
        exports.length === 0 ? (
          <Text tone="soft">{t('reading.noFiles')}</Text>
        ) : (
          <View>
            {[...exports].sort((one, other) => rank(one) - rank(other)).map((file) => (
              <File key={file.type} lectureId={lecture.lectureId} file={file} />
            ))}
          </View>
        )
      }
    </Loaded>
  );
}

function File({ lectureId, file }: { lectureId: string; file: ExportRecord }) {
  const { t, i18n } = useTranslation();
  const palette = usePalette();
  const { api } = useServices();
  // A new address for each download: it works for some minutes.
  const download = useMutation({
    mutationFn: () => signedAddress(api, `/exports/${lectureId}/${file.type}`),
    onSuccess: platform.download,
  });
  return (
    <View style={[styles.file, { borderBottomColor: palette.line }]}>
      <View style={styles.text}>
        <Text as="label">{isKnown(file.type) ? t(`reading.file.${file.type}`) : file.type}</Text>
        <Text as="caption" tone="soft">
          {`${fileSize(file.sizeBytes, i18n.language)} · ${file.fileName}`}
        </Text>
        {file.type === 'anki' ? (
          <Text as="caption" tone="soft">
            {t('reading.ankiHelp')}
          </Text>
        ) : null}
        {download.isError ? (
          <Text tone="record" urgent>
            {messageOf(t, download.error)}
          </Text>
        ) : null}
      </View>
      <Button label={t('reading.download')} hint={file.fileName} busy={download.isPending} onPress={() => download.mutate()} />
    </View>
  );
}

const styles = StyleSheet.create({
  file: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', gap: space.m, paddingVertical: space.m, borderBottomWidth: 1 },
  text: { flexGrow: 1, flexShrink: 1, flexBasis: 150, minWidth: 0, gap: space.xs },
});
