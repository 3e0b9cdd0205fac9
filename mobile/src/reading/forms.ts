import type { Schema } from '../api/client';

type Flashcard = Schema<'Flashcard'>;
type KeyTerm = Schema<'KeyTerm'>;
type ExamQuestion = Schema<'ExamQuestion'>;
export type ItemChanges = Schema<'ItemChanges'>;
export type OwnItem = Schema<'ItemRequest'>['item'];

export type FieldName = 'front' | 'back' | 'term' | 'definition' | 'example' | 'question' | 'option' | 'answer' | 'explanation';

export interface Field {
  /** Unique in the form. */
  readonly key: string;
  readonly name: FieldName;
  /** Which of several of this name, from 1; null of one alone. */
  readonly number: number | null;
  readonly value: string;
  readonly required: boolean;
  /** Its text has gaps, `{{c1::…}}`. */
  readonly hasGaps?: boolean;
}

export type Values = Readonly<Record<string, string>>;

/** What can be typed of an item, and what is sent of it. */
export interface Form {
  /** Null of an item that is being added. */
  readonly id: string | null;
  readonly own: boolean;
  readonly edited: boolean;
  readonly fields: readonly Field[];
  readonly changes: (values: Values) => ItemChanges;
  readonly added: (values: Values) => OwnItem;
}

const field = (name: FieldName, value: string, required = true): Field => ({ key: name, name, number: null, value, required });

/** Empty text is none: the server gives back what was made, or removes what may be missing. */
const orNone = (text: string | undefined) => (text === undefined || text === '' ? null : text);

const identity = (item: { id: string; own: boolean; edited: boolean } | null) => ({
  id: item?.id ?? null,
  own: item?.own ?? true,
  edited: item?.edited ?? false,
});

export function cardForm(card: Flashcard | null): Form {
  return {
    ...identity(card),
    fields: [{ ...field('front', card?.front ?? ''), hasGaps: card?.kind === 'cloze' }, field('back', card?.back ?? '', card?.kind !== 'cloze')],
    changes: ({ front, back }) => ({ front: orNone(front), back: orNone(back) }),
    added: ({ front = '', back = '' }) => ({ kind: 'flashcard', front, back }),
  };
}

export function termForm(term: KeyTerm | null): Form {
  return {
    ...identity(term),
    fields: [
      field('term', term?.term ?? ''),
      field('definition', term?.definition ?? ''),
      field('example', term?.example ?? '', false),
    ],
    changes: ({ term: name, definition, example }) => ({
      term: orNone(name),
      definition: orNone(definition),
      example: orNone(example),
    }),
    added: ({ term: name = '', definition = '', example }) => ({ kind: 'key-term', term: name, definition, example: orNone(example) }),
  };
}

/** The right option stays the right one, however it is worded. Whether a statement is true cannot be changed. */
export function questionForm(question: ExamQuestion | null): Form {
  const options = question?.options ?? [];
  const right = options.indexOf(question?.answer ?? '');
  const answered = options.length === 0 && question?.kind !== 'true-false';
  return {
    ...identity(question),
    fields: [
      field('question', question?.question ?? ''),
      ...options.map((value, index): Field => ({ key: `option${index}`, name: 'option', number: index + 1, value, required: true })),
      ...(answered ? [field('answer', question?.answer ?? '')] : []),
      field('explanation', question?.explanation ?? '', false),
    ],
    changes: (values) => {
      const worded = options.map((option, index) => values[`option${index}`] ?? option);
      return {
        question: orNone(values.question),
        explanation: orNone(values.explanation),
        ...(answered ? { answer: orNone(values.answer) } : {}),
        ...(options.length > 0 ? { options: worded, answer: worded[right] ?? null } : {}),
      };
    },
    added: ({ question: asked = '', answer = '', explanation }) => ({
      kind: 'exam-question',
      question: asked,
      answer,
      explanation: orNone(explanation),
    }),
  };
}
