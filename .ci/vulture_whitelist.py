"""Names that vulture finds unused although something that it cannot see uses them.

A name of the program itself belongs here only with the reason; what nothing uses is deleted.
"""

# Read by a library: options of onnxruntime, zipfile, uvicorn, tokens of a form, dialects.
_.intra_op_num_threads
_.inter_op_num_threads
_.execution_mode
_.graph_optimization_level
_.enable_cpu_mem_arena
_.log_severity_level
_.create_system
_.external_attr
_.isolation_level
_.inherit_cache
_.total_tokens
_.should_exit
_.yaml_implicit_resolvers
_.yaml_constructors

# Called by a library: quantisation, redirects of urllib, migrations.
_.get_next
_.redirect_request
downgrade

# Called by Python itself when a name of the package is used first.
__getattr__
__dir__

# Values of an enumeration that come from a command line, a file or a database.
_.APPROVER
_.PAGE_REREAD
_.PAGE_ASIDE
_.PAGE_CONTINUATION
_.PAGE_RESTORE
_.PAGE_PLACE
_.PAGE_SEND
_.PAGE_DROP
_.PAGE_BRING_BACK
_.PAGE_LINK
_.PAGE_UNLINK
_.BACKS

# Columns and entries of data files that SQL, the browser or a report reads by name, or that a
# rule is given as its parameters.
_.width_multiple
_.created
_.was_state
_.provisional
_.held_out
_.crop_box
_.cut_box
_.lane_before
_.confidence_min
_.at_most
_.needless
_.page_picture

# Figures of an evaluation and of a bench: written out as a whole by dataclasses.asdict.
_.typed_keys
_.mean_width
_.blank_agreed
_.cer_written
_.cer_value
_.accepted_error
_.books_without_results
_.books_without_truth
_.records_in_truth
_.records_missing
_.records_surplus
_.records_twice
_.fields_missing
_.fields_without_truth
_.misplaced

# Used by tests alone to fill a workspace as a run does.
record_outcome

# Called by a library: SQLAlchemy on a column's type, io on a stream; pikepdf keys that are set.
_.impl
_.cache_ok
_.process_bind_param
_.process_result_value
_.seekable
_.readinto
_.OCProperties
_.Decode
_._get_size  # openpyxl asks for it
_.freeze_panes  # openpyxl writes these into the file
_.number_format
_.data_type
_.comment
_.paperSize
_.footer
_.fitToHeight
_.fitToWidth
_.fitToPage
_.print_title_rows
_.print_area
_.grouping  # of a chart of openpyxl
_.majorGridlines
_.tempdir  # of the module tempfile
_._receive_buffer  # of h11
_.maybe_extract_lines  # h11 calls it
_.no_picture  # a column of JSON that pages read
_.instead_of  # written to the log as JSON

# Reached by their names in data files (reading/data/grammars.yaml) and in the database.
id_types
_.COVER
_.PAGE_RECORD

# Decisions on links (review/link_queue.py): for the page of the station that shows them.
waiting_links
choose_row
say_no_row
take_back
find_rows
