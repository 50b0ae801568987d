//! The server that all tools are held against: this program again, on a processor of its own.

use std::{
    cell::Cell,
    error::Error,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    rc::Rc,
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime::{Builder, LocalOptions},
};

use crate::measured::{pinned, processor};

/// 21 bytes, as many as the sample app's answer has.
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 21\r\n\r\n\
                        {\"id\":\"c-1234567890\"}";
/// When a stalling server freezes, after the first request, and for how long.
const STALLS_AFTER: Duration = Duration::from_secs(2);
const STALL: Duration = Duration::from_secs(1);

/// A running server; ends when dropped.
pub struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Starts one: `steady`, or `stalling` once.
    pub fn start(kind: &str) -> Result<Server, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", kind]);
        let mut child = pinned(command, processor(0))
            .stdout(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("no stdout")?;
        let mut address = String::new();
        BufReader::new(out).read_line(&mut address)?;
        Ok(Server {
            child,
            address: address.trim().to_owned(),
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Serves until killed.
pub fn serve(stalls: bool) -> Result<(), Box<dyn Error>> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build_local(LocalOptions::default())?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let to_stall = Rc::new(Cell::new(stalls));
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::task::spawn_local(answer(stream, Rc::clone(&to_stall)));
        }
    })
}

async fn answer(mut stream: TcpStream, to_stall: Rc<Cell<bool>>) {
    let mut buffer = [0; 4096];
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..) {
        match stream.read(room).await {
            Ok(0) | Err(_) => return,
            Ok(read) => filled += read,
        }
        if !buffer
            .get(..filled)
            .is_some_and(|request| request.ends_with(b"\r\n\r\n"))
        {
            continue;
        }
        filled = 0;
        if to_stall.take() {
            tokio::task::spawn_local(async {
                tokio::time::sleep(STALLS_AFTER).await;
                // On purpose: nothing else runs on this thread meanwhile.
                thread::sleep(STALL);
            });
        }
        if stream.write_all(ANSWER).await.is_err() {
            return;
        }
    }
}
