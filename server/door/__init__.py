"""The server's door: what is turned away before anybody reads what was asked, whoever asks it.

Wrong names, pages of other sites, floods, slow and endless senders. Who may do what is not decided here.
"""
