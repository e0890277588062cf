//! Writes a mail in the language of its reader, and hands it to an SMTP server.
