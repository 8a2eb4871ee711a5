# Two commands for newcomers: `make demo` and `make test`. Both install what is missing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

SYSTEM := python3-venv tesseract-ocr tesseract-ocr-vie poppler-utils
SYSTEM_TEST := $(SYSTEM) fonts-liberation libreoffice-calc-nogui chromium postgresql

.PHONY: help demo test lint bench clean

help:
	@echo "make demo   cài đặt và chạy toàn bộ quy trình trên sổ mẫu / install, then run the whole way on the sample books"
	@echo "make test   cài đặt và chạy kiểm thử / install, then run the tests"
	@echo "make lint   ruff, mypy, import-linter"
	@echo "make bench  đo tốc độ / measure speed"

demo: $(VENV)/.sohoa
	$(BIN)/sohoa demo --workspace demo_out/workspace --out demo_out/packages

test: $(VENV)/.dev
	$(BIN)/pytest -n 2 --dist loadfile tests

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.sohoa
	$(BIN)/sohoa bench

$(VENV)/bin/python:
	@.ci/install $(SYSTEM)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Cần Python 3.11 trở lên / Python 3.11 or newer is needed"; exit 4; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --upgrade pip

$(VENV)/.sohoa: $(VENV)/bin/python pyproject.toml
	@.ci/install $(SYSTEM)
	$(BIN)/pip install -q -e .
	@touch $@

# PyTorch is only taken where a CPU build is at hand: the default build brings gigabytes of CUDA.
# Without it the training tests say that they are skipped.
$(VENV)/.dev: $(VENV)/.sohoa
	@.ci/install $(SYSTEM_TEST)
	$(BIN)/pip install -q -e '.[dev]'
	@$(BIN)/pip install -q 'torch==2.13.0+cpu' onnx onnxscript 2>/dev/null \
	  || echo "Không có PyTorch bản CPU: bỏ qua kiểm thử huấn luyện / no CPU build of PyTorch: training tests are skipped"
	@touch $@

clean:
	rm -rf $(VENV) demo_out build dist
