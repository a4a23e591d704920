"""Fraud in the stream: eight scenarios, each with a legitimate look-alike, and their labels.

How episodes come into a stream that can be resumed at any number:

- A stream is cut into spans of `schedule.SPAN` numbers. What happens in a span is planned as a
  whole, from the stream, the population and the span's number alone: which episodes begin where,
  and which number each of their steps takes. A step replaces what the number would have been, so
  numbers stay dense; its instant is the number's, so order needs no merging. Whoever resumes
  anywhere plans that one span again (some milliseconds for 65,536 numbers) and has the same bytes.
- Steps are counted in numbers of the stream, never in time, since nobody who resumes knows the
  instants that were. In a history of 200,000 in 120 days a number is 52 s on average (30 s by day,
  minutes in the night), live at 50 a second it is 20 ms: live, everything is faster, for customers
  and thieves alike. Every scenario holds in both.
- Two things need time itself. Nobody can be asleep for 90 days but in the history: `sleepers`
  says who was, and reserves them. And a flight takes hours at any pace: `journeys` is a function
  of the event time's day.
- Labels are told from the plan and the transaction's own instant. `release` holds them back until
  they are due.
"""
