"""What the log tells of days: figures, charts, tickets behind a figure, a day played again; on paper and in sheets.

`visits` reads what a report needs of the tickets, `history` keeps it ready for days that are over, `figures` says what
each figure means, `groups` how visits are grouped, `waiting` puts a report together; the rest are other views of it.
"""
