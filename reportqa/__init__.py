"""Ask Chinese government reports a question; get passages with citations that can be checked."""
