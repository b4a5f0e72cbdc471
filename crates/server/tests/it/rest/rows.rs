//! The decisions of SPEC section 1, a test for each: `row_NN_…`. Rows 16, 19 and 20 are in `races`,
//! `sign_in` and `tokens`.

mod admission;
mod call;
mod edge;
mod limits;
mod platform;
mod shape;
