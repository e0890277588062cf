//! How often somebody may try, kept in DynamoDB so that every instance of every function counts together.
