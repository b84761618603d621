import { describe, expect, it } from 'vitest';
import { useStack } from '../support/stack.ts';
import { SAMPLE_IS_PRESENT, SAMPLE_NOTE, sampleFiles } from './support/sample.ts';
import { Story } from './support/story.ts';

describe.skipIf(!SAMPLE_IS_PRESENT)(`the real sample${SAMPLE_NOTE}`, () => {
  const stack = useStack();

  it('becomes 827 plays, 52 users, 47 songs, 45 artists and 827 times when S3 notifies the consumer', async () => {
    const story = await Story.begin(stack);
    const files = sampleFiles();
    await story.putAll(files);
    await story.consumeAll();

    expect(await story.star.counts()).toEqual({ songplays: 827, users: 52, songs: 47, artists: 45, time: 827 });
    expect(await story.star.value<string>('select count(song_id) from songplays')).toBe('0');
    const loaded = Object.fromEntries(files.map(({ key }) => [key, 'loaded']));
    expect(await story.star.files()).toEqual(loaded);
    expect(await story.star.value<string>('select count(*) from rejected_rows')).toBe('0');
    await story.expectNothingLeft();
  });

  it('keeps a play as the event has it: time with milliseconds, numbers as numbers, text untouched', async () => {
    const story = await Story.begin(stack);
    await story.putAll(sampleFiles().filter(({ key }) => key.includes('2018-11-12')));
    await story.consumeAll();

    const rows = await story.star.rows(
      `select start_time::text as start_time, user_id, level, session_id, item_in_session, location, user_agent,
              song_title, artist_name, song_length::text as song_length
       from songplays where session_id = 438 and item_in_session = 1`,
    );
    expect(rows).toEqual([
      {
        start_time: '2018-11-12 02:37:44.796',
        user_id: '53',
        level: 'free',
        session_id: '438',
        item_in_session: 1,
        location: 'Klamath Falls, OR',
        user_agent:
          '"Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/37.0.2062.103 Safari/537.36"',
        song_title: 'Horn Concerto No. 4 in E flat K495: II. Romance (Andante cantabile)',
        artist_name: 'Barry Tuckwell/Academy of St Martin-in-the-Fields/Sir Neville Marriner',
        song_length: '277.15873',
      },
    ]);
    const time = await story.star.rows(
      `select hour, day, week, month, year, weekday from time where start_time = '2018-11-12 02:37:44.796'`,
    );
    expect(time).toEqual([{ hour: 2, day: 12, week: 46, month: 11, year: 2018, weekday: 1 }]);
    await story.expectNothingLeft();
  });
});
