//! `--function-dir NAME=DIR:HANDLER`.

use std::{path::PathBuf, str::FromStr};

use crate::{lang::texts, units::is_function_name};

texts! {
    const;
    no_folder_value(found: &str): "`{}` names no function and folder: write NAME=DIR:HANDLER, for example hello=./hello:index.handler, or NAME=DIR where the folder holds a program `bootstrap`",
        "`{:`은} 함수와 폴더를 지정하지 않습니다. NAME=DIR:HANDLER로 쓰세요. 예: hello=./hello:index.handler. 폴더에 `bootstrap` 프로그램이 있으면 NAME=DIR";
    no_hosted_name(name: &str): "`{}` is no name of a function: up to 64 letters, digits, hyphens and underscores",
        "`{:`은} 함수 이름이 아닙니다. 영문자, 숫자, 하이픈, 밑줄 최대 64자로 쓰세요";
}

/// A function as it is typed: its name, its folder, its handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionFolder {
    /// Its name.
    pub name: String,
    /// The folder that holds its code.
    pub folder: PathBuf,
    /// `index.handler`; None: the folder holds a program `bootstrap`.
    pub handler: Option<String>,
}

/// A text that names no function and folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FunctionFolderError {
    /// Not in the form `NAME=DIR:HANDLER`.
    #[error("{}", no_folder_value(.0))]
    Form(String),
    /// A name that Lambda would refuse.
    #[error("{}", no_hosted_name(.0))]
    Name(String),
}

impl FromStr for FunctionFolder {
    type Err = FunctionFolderError;

    fn from_str(text: &str) -> Result<FunctionFolder, FunctionFolderError> {
        let wrong = || FunctionFolderError::Form(text.chars().take(200).collect());
        let (name, place) = text.split_once('=').ok_or_else(wrong)?;
        let (folder, handler) = match place.rsplit_once(':') {
            Some((folder, handler)) => (folder, Some(handler.to_owned())),
            None => (place, None),
        };
        if folder.is_empty() || handler.as_ref().is_some_and(String::is_empty) {
            return Err(wrong());
        }
        if !is_function_name(name) {
            return Err(FunctionFolderError::Name(name.chars().take(80).collect()));
        }
        Ok(FunctionFolder {
            name: name.to_owned(),
            folder: folder.into(),
            handler,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_typed_as_name_folder_and_handler() {
        let read = |text: &str| text.parse::<FunctionFolder>();
        let hello = read("hello=./a=b:c/src/index.handler").expect("a function");
        assert_eq!(hello.name, "hello");
        assert_eq!(hello.folder, PathBuf::from("./a=b"));
        assert_eq!(hello.handler.as_deref(), Some("c/src/index.handler"));
        assert_eq!(read("go=/srv/go").expect("a function").handler, None);
        for text in [
            "",
            "hello",
            "hello=",
            "hello=:index.handler",
            "hello=dir:",
            "=dir:a.b",
            "a b=dir:a.b",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
