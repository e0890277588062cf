//! Mails that are still to be sent, kept in DynamoDB until a mail server has taken them.
