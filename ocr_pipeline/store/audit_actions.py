"""What the audit trail can tell of: every action that is ever written into it."""

from __future__ import annotations

from enum import StrEnum


class AuditAction(StrEnum):
    """One kind of line in the audit trail; the values are kept, so none is ever renamed."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    SCREEN_LOCKED = "screen_locked"  # nobody was at the computer: the session ended
    USER_ADDED = "user_added"
    PASSWORD_SET = "password_set"  # noqa: S105 -- the name of an action
    ROLE_SET = "role_set"
    ACTIVATED = "activated"
    DISABLED = "disabled"
    POLICY_SET = "policy_set"
    POLICY_UNSET = "policy_unset"
    LEARNING_ALLOWED = "learning_allowed"  # corrections may teach the network
    LEARNING_FORBIDDEN = "learning_forbidden"
    NETWORK_LEARNT = "network_learnt"  # a network was made from corrections
    NETWORK_PROMOTED = "network_promoted"  # a network of the office reads from now on
    NETWORK_ROLLED_BACK = "network_rolled_back"
    TAKEN = "taken"  # fields were put before a person
    VIEWED = "viewed"  # a record or a field was shown
    DECIDED = "decided"  # a value was confirmed or corrected: an entry was added
    KEYED = "keyed"  # one of two blind keyings
    ASKED = "asked"
    UNDONE = "undone"
    PAGE_READ = "page_read"  # one that waited, before the next run
    PAGE_REREAD = "page_reread"
    PAGE_ASIDE = "page_aside"
    PAGE_CONTINUATION = "page_continuation"
    PAGE_RECORD = "page_record"
    PAGE_RESTORE = "page_restore"
    PAGE_PLACE = "page_place"
    PAGE_DROP = "page_drop"  # a position of a form holds no record
    PAGE_BRING_BACK = "page_bring_back"  # it holds one after all
    PAGE_LINK = "page_link"  # a position of a form belongs to this keyed row, or to none
    PAGE_UNLINK = "page_unlink"  # the machine decides again
    PAGE_SEND = "page_send"  # a page counts for another book
    PAGE_RECEIVED = "page_received"  # the same, told of the other book
    PAGE_RETURNED = "page_returned"  # it counts for the book of its folder again
    APPROVE = "approve"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand_over"
    EXPORTED = "exported"  # files of a book were written
    DOWNLOADED = "downloaded"  # a file of a package was taken from the station
    LABEL_STUDIO_PULL = "label_studio_pull"
    LABEL_STUDIO_REMOVE = "label_studio_remove"
    SCAN_MOVED = "scan_moved"  # a scan with decisions has another name; they went along
    SCAN_REPLACED = "scan_replaced"  # another scan came under its name; they are only offered
    SCAN_GONE = "scan_gone"
    SCAN_BACK = "scan_back"
    BACKUP_MADE = "backup_made"
    BACKUP_RESTORED = "backup_restored"
    PAGE_SEEN = "page_seen"  # the picture of a whole page or scan was sent
    SUGGESTED = "suggested"  # values of a book were offered while somebody typed
    RESULTS_READ = "results_read"  # the values of a book were printed
    LABEL_STUDIO_PUSH = "label_studio_push"
    ADOPTED = "adopted"  # what a workspace of an earlier version held was taken as it was
    BOOK_RENAMED = "book_renamed"  # a book has another id; all that was decided went along
    DECISIONS_MOVED = "decisions_moved"  # what was decided on scans counts for another book
    BOOK_REMOVED = "book_removed"
    HAND_LEARNT = "hand_learnt"  # the network was adapted to the writing of a book
    HAND_FORGOTTEN = "hand_forgotten"
    BOOK_PRIORITY = "book_priority"  # which book people do first
    SCAN_IMPORTED = "scan_imported"  # a file came from a browser and lies among the scans
    INVENTORY_IMPORTED = "inventory_imported"
    RUN_STARTED = "run_started"  # from the station
    RUN_STOPPED = "run_stopped"
    LOOKED_BACK = "looked_back"  # a person saw his own decisions again
    HISTORY_SEEN = "history_seen"  # who decided what on a record was shown
    ANSWERS_SEEN = "answers_seen"  # a person saw what was answered to his questions
    SKETCH_BEGUN = "sketch_begun"  # somebody teaches a form that no layout knows
    SKETCH_TAKEN = "sketch_taken"  # somebody else goes on with it
    SKETCH_TRIED = "sketch_tried"  # pages were read with it, nothing of them was kept
    SKETCH_DISCARDED = "sketch_discarded"
    LAYOUT_SAVED = "layout_saved"  # a form of the workspace has a new version
    PRINT_LEARNT = "print_learnt"  # pages of a book are read with its own print
    PRINT_FORGOTTEN = "print_forgotten"
    LAYOUT_RETIRED = "layout_retired"  # no further page is read with it
    LAYOUT_RESTORED = "layout_restored"  # it is in use again
    KEYED_FILE_READ = "keyed_file_read"  # what a file of keyed rows holds was shown
    KEYED_FILE_SPLIT = "keyed_file_split"  # such a file was divided by agency
    RECONCILED = "reconciled"  # two databases were compared
    DECISIONS_RETURNED = "decisions_returned"  # lists of a reconciliation came back
    KEYED_FILE_LINKED = "keyed_file_linked"  # its rows were linked with pages
    SEARCHED = "searched"  # records were shown to somebody who looked for words
