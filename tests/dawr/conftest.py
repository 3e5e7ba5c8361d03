from tests.peer import peer as peer
from tests.peer import peer_of_module as peer_of_module
