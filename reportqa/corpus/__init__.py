"""Files and their metadata → Reports, their text normalised once.

Read in this order: `reading` finds and reads the files, `textfile` decodes them, `normalise` turns
raw text into clean paragraphs, `identity` infers what the text says of itself, `metadata` overrides
it with what a person wrote down.
"""

from reportqa.corpus.reading import MAX_FILE_BYTES, REPORT_ENDINGS, corpus_bytes, read_corpus

__all__ = ["MAX_FILE_BYTES", "REPORT_ENDINGS", "corpus_bytes", "read_corpus"]
