-- Purpose: removes start times without plays.
-- Reads:   time and songplays within the ranges (literals, sort keys).

delete from time
where {{time.start_time in times}}
  and time.start_time in (
    select c.start_time
    from sparkify_choice c
    left join songplays s on s.start_time = c.start_time and {{s.start_time in times}}
    where c.preference = 1
      and c.is_out
      and s.start_time is null
  );
