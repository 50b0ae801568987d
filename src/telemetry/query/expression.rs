//! Arithmetic over queries: `a / (a + b) * 100`.
//!
//! Kept as a program for a stack, so that a long one needs no deep recursion.

use std::collections::BTreeMap;

use super::metric::MetricQuery;
use crate::telemetry::scanner::{QueryLanguage, QuerySyntaxError, Scanner};

/// Arithmetic over `L`: names of queries, or queries themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression<L> {
    steps: Vec<Instruction<L>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Instruction<L> {
    Number(f64),
    Leaf(L),
    Negate,
    Absolute,
    DefaultZero,
    Binary(Operator),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// Values by group (tags in the order of `by`) and time.
pub type GroupedValues = BTreeMap<Vec<String>, BTreeMap<i64, f64>>;

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionValue {
    /// The same at any time, for any group.
    Number(f64),
    /// By group and time; a point that is not there has no value.
    Table(GroupedValues),
}

/// A formula over the names of queries, as `/api/v2/query` takes it.
pub fn formula(text: &str) -> Result<Expression<String>, QuerySyntaxError> {
    let mut scanner = Scanner::new(QueryLanguage::Metrics, text)?;
    let formula = expression(&mut scanner, &mut |scanner| {
        let name = scanner.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        match name.is_empty() {
            true => Err(scanner.error("expected a number or the name of a query")),
            false => Ok(name),
        }
    })?;
    scanner.end()?;
    Ok(formula)
}

/// Comma-separated expressions over metric queries, as `/api/v1/query` takes them, each with
/// its own text.
pub fn metric_expressions(
    text: &str,
) -> Result<Vec<(String, Expression<MetricQuery>)>, QuerySyntaxError> {
    let mut scanner = Scanner::new(QueryLanguage::Metrics, text)?;
    let mut found = Vec::new();
    loop {
        scanner.skip_blanks();
        let mark = scanner.mark();
        let one = expression(&mut scanner, &mut MetricQuery::scan)?;
        if one.leaves().next().is_none() {
            return Err(scanner.error("there is no metric in it"));
        }
        found.push((scanner.since(mark).trim().to_owned(), one));
        if !scanner.take(',') {
            scanner.end()?;
            return Ok(found);
        }
    }
}

type Leaf<'a, L> = dyn FnMut(&mut Scanner) -> Result<L, QuerySyntaxError> + 'a;

fn expression<L>(
    scanner: &mut Scanner,
    leaf: &mut Leaf<'_, L>,
) -> Result<Expression<L>, QuerySyntaxError> {
    let mut steps = Vec::new();
    sum(scanner, leaf, &mut steps)?;
    Ok(Expression { steps })
}

fn sum<L>(
    scanner: &mut Scanner,
    leaf: &mut Leaf<'_, L>,
    steps: &mut Vec<Instruction<L>>,
) -> Result<(), QuerySyntaxError> {
    product(scanner, leaf, steps)?;
    loop {
        let operator = match () {
            () if scanner.take('+') => Operator::Plus,
            () if scanner.take('-') => Operator::Minus,
            () => return Ok(()),
        };
        product(scanner, leaf, steps)?;
        steps.push(Instruction::Binary(operator));
    }
}

fn product<L>(
    scanner: &mut Scanner,
    leaf: &mut Leaf<'_, L>,
    steps: &mut Vec<Instruction<L>>,
) -> Result<(), QuerySyntaxError> {
    factor(scanner, leaf, steps)?;
    loop {
        let operator = match () {
            () if scanner.take('*') => Operator::Times,
            () if scanner.take('/') => Operator::Over,
            () => return Ok(()),
        };
        factor(scanner, leaf, steps)?;
        steps.push(Instruction::Binary(operator));
    }
}

fn factor<L>(
    scanner: &mut Scanner,
    leaf: &mut Leaf<'_, L>,
    steps: &mut Vec<Instruction<L>>,
) -> Result<(), QuerySyntaxError> {
    let mut negative = false;
    while scanner.take('-') {
        negative = !negative;
    }
    if scanner.take('(') {
        scanner.nested(|scanner| sum(scanner, leaf, steps))?;
    } else if let Some(function) = called(scanner)? {
        scanner.nested(|scanner| sum(scanner, leaf, steps))?;
        steps.push(function);
    } else if scanner
        .peek()
        .is_some_and(|c| c.is_ascii_digit() || c == '.')
    {
        steps.push(Instruction::Number(number(scanner)?));
    } else {
        steps.push(Instruction::Leaf(leaf(scanner)?));
    }
    if negative {
        steps.push(Instruction::Negate);
    }
    Ok(())
}

/// A function's name with its opening parenthesis.
fn called<L>(scanner: &mut Scanner) -> Result<Option<Instruction<L>>, QuerySyntaxError> {
    let mark = scanner.mark();
    let name = scanner.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
    if name.is_empty() || !scanner.take('(') {
        scanner.back_to(mark);
        return Ok(None);
    }
    match name.as_str() {
        "abs" => Ok(Some(Instruction::Absolute)),
        "default_zero" => Ok(Some(Instruction::DefaultZero)),
        _ => {
            scanner.back_to(mark);
            Err(scanner.error(format!(
                "the sandbox knows no function `{name}`, only abs and default_zero"
            )))
        }
    }
}

fn number(scanner: &mut Scanner) -> Result<f64, QuerySyntaxError> {
    let text = scanner.take_while(|c| c.is_ascii_digit() || c == '.');
    text.parse()
        .map_err(|_| scanner.error(format!("`{text}` is not a number")))
}

impl<L> Expression<L> {
    /// The queries in it, from left to right.
    pub fn leaves(&self) -> impl Iterator<Item = &L> {
        self.steps.iter().filter_map(|step| match step {
            Instruction::Leaf(leaf) => Some(leaf),
            _ => None,
        })
    }

    /// Its value, given the values of its queries. `times` are all the times there are,
    /// which `default_zero` fills.
    pub fn evaluate<E>(
        &self,
        times: &[i64],
        mut leaf: impl FnMut(&L) -> Result<GroupedValues, E>,
    ) -> Result<ExpressionValue, E> {
        let mut stack: Vec<ExpressionValue> = Vec::new();
        for step in &self.steps {
            let value = match step {
                Instruction::Number(number) => ExpressionValue::Number(*number),
                Instruction::Leaf(query) => ExpressionValue::Table(leaf(query)?),
                Instruction::Binary(operator) => {
                    let right = stack.pop().unwrap_or(NOTHING);
                    let left = stack.pop().unwrap_or(NOTHING);
                    binary(left, *operator, right)
                }
                Instruction::Negate => each(stack.pop().unwrap_or(NOTHING), |value| -value),
                Instruction::Absolute => each(stack.pop().unwrap_or(NOTHING), f64::abs),
                Instruction::DefaultZero => default_zero(stack.pop().unwrap_or(NOTHING), times),
            };
            stack.push(value);
        }
        Ok(stack.pop().unwrap_or(NOTHING))
    }
}

const NOTHING: ExpressionValue = ExpressionValue::Table(GroupedValues::new());

impl ExpressionValue {
    /// The values by group and time; a number has its value at all of `times`.
    pub fn into_table(self, times: &[i64]) -> GroupedValues {
        match self {
            ExpressionValue::Table(table) => table,
            ExpressionValue::Number(number) => {
                let row = times.iter().map(|at| (*at, number)).collect();
                GroupedValues::from([(Vec::new(), row)])
            }
        }
    }
}

fn each(value: ExpressionValue, change: impl Fn(f64) -> f64) -> ExpressionValue {
    match value {
        ExpressionValue::Number(number) => ExpressionValue::Number(change(number)),
        ExpressionValue::Table(mut table) => {
            for value in table.values_mut().flat_map(BTreeMap::values_mut) {
                *value = change(*value);
            }
            ExpressionValue::Table(table)
        }
    }
}

fn default_zero(value: ExpressionValue, times: &[i64]) -> ExpressionValue {
    match value {
        ExpressionValue::Table(table) if table.is_empty() => ExpressionValue::Number(0.0),
        ExpressionValue::Table(mut table) => {
            for row in table.values_mut() {
                for at in times {
                    row.entry(*at).or_insert(0.0);
                }
            }
            ExpressionValue::Table(table)
        }
        number => number,
    }
}

impl Operator {
    /// None: there is no such number, as over zero.
    fn apply(self, left: f64, right: f64) -> Option<f64> {
        let value = match self {
            Operator::Plus => left + right,
            Operator::Minus => left - right,
            Operator::Times => left * right,
            Operator::Over => left / right,
        };
        value.is_finite().then_some(value)
    }
}

fn binary(left: ExpressionValue, operator: Operator, right: ExpressionValue) -> ExpressionValue {
    match (left, right) {
        (ExpressionValue::Number(a), ExpressionValue::Number(b)) => match operator.apply(a, b) {
            Some(number) => ExpressionValue::Number(number),
            None => NOTHING,
        },
        (ExpressionValue::Table(table), ExpressionValue::Number(b)) => {
            ExpressionValue::Table(rows(table, |row| only(row, |_, a| operator.apply(a, b))))
        }
        (ExpressionValue::Number(a), ExpressionValue::Table(table)) => {
            ExpressionValue::Table(rows(table, |row| only(row, |_, b| operator.apply(a, b))))
        }
        (ExpressionValue::Table(a), ExpressionValue::Table(b)) => {
            ExpressionValue::Table(joined(a, operator, &b))
        }
    }
}

/// Groups are matched by their tags; a table without groups is matched with every group.
fn joined(left: GroupedValues, operator: Operator, right: &GroupedValues) -> GroupedValues {
    let overall: Vec<String> = Vec::new();
    let joined = |a: &BTreeMap<i64, f64>, b: &BTreeMap<i64, f64>| {
        only(a.clone(), |at, a| operator.apply(a, *b.get(&at)?))
    };
    if let (Some(row), false) = (left.get(&overall), right.contains_key(&overall)) {
        return right
            .iter()
            .map(|(group, other)| (group.clone(), joined(row, other)))
            .filter(|(_, row)| !row.is_empty())
            .collect();
    }
    left.into_iter()
        .filter_map(|(group, row)| {
            let other = right.get(&group).or_else(|| right.get(&overall))?;
            Some((group, joined(&row, other)))
        })
        .filter(|(_, row)| !row.is_empty())
        .collect()
}

fn rows(
    table: GroupedValues,
    change: impl Fn(BTreeMap<i64, f64>) -> BTreeMap<i64, f64>,
) -> GroupedValues {
    table
        .into_iter()
        .map(|(group, row)| (group, change(row)))
        .filter(|(_, row)| !row.is_empty())
        .collect()
}

fn only(row: BTreeMap<i64, f64>, change: impl Fn(i64, f64) -> Option<f64>) -> BTreeMap<i64, f64> {
    row.into_iter()
        .filter_map(|(at, value)| Some((at, change(at, value)?)))
        .collect()
}

#[cfg(test)]
mod tests;
